import { ApiProblem, call } from "./api.js";

/** Points fetched at most: at 200 steps there are room for all names. */
const LIMIT = 5_000;

/**
 * Everything the dashboard shows of a period.
 *
 * @param scope `tenant` or `stack`
 * @param span ms until now
 * @throws ApiProblem
 */
export async function readDashboard(key, { scope, span }) {
  const query = (group, limit) => {
    const from = new Date(Date.now() - span).toISOString();
    return call(key, "GET", `/v1/analytics?${new URLSearchParams({ scope, from, group, limit })}`);
  };
  const [outcome, kind, model, code, tenant, questions, experiments] = await Promise.all([
    query("outcome", LIMIT),
    query("kind", LIMIT),
    query("model", 1),
    query("code", 1),
    scope === "stack" ? query("tenant", 1) : null,
    call(
      key,
      "GET",
      `/v1/analytics/questions?limit=8&from=${encodeURIComponent(new Date(Date.now() - span).toISOString())}`,
    ),
    orNone(call(key, "GET", `/v1/experiments?scope=${scope}`)),
  ]);
  return { outcome, kind, model, code, tenant, questions, experiments };
}

/** Whether this key may see all tenants. @throws ApiProblem when the key is not valid */
export async function maySeeAll(key) {
  try {
    await call(key, "GET", "/v1/analytics?scope=stack&limit=1");
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 403) return false;
    throw error;
  }
}

async function orNone(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return null;
    throw error;
  }
}

/**
 * Points as columns: one value of `field` for each step and each of `names`.
 *
 * @param absent what a step without requests has: 0 for counts, null for times
 */
export function columnsOf({ from, to, step, points }, names, field, absent = 0) {
  const span = SPANS[step];
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const times = Array.from({ length: Math.round((end - start) / span) }, (_, place) => (start + place * span) / 1_000);
  const columns = names.map(() => times.map(() => absent));
  for (const point of points) {
    const column = columns[names.indexOf(point.name)];
    if (column) column[Math.round((Date.parse(point.at) - start) / span)] = point[field];
  }
  return { times, columns, span };
}

const SPANS = { "1m": 60_000, "5m": 300_000, "15m": 900_000, "1h": 3_600_000, "1d": 86_400_000 };

/** Saves the counts as a file. @throws ApiProblem */
export async function saveExport(key, { scope, span, format }) {
  const from = new Date(Date.now() - span).toISOString();
  const response = await fetch(`/v1/analytics/export?${new URLSearchParams({ scope, from, format })}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => ({})));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const address = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement("a"), { href: address, download: name ?? `edge-cache.${format}` }).click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
