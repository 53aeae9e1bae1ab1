/**
 * Code of the Worker between KV bindings and a namespace. Of each write it asks the cloud how late it is seen; until
 * then reads answer what was there before, as at a location that still has it. Lists and the API show the truth.
 */
export const KV_WORKER_CODE = `
/** What reads still answer, by key: each until its time (ms), the oldest first. */
const pasts = new Map();

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname;
    if (request.method === "PUT" || request.method === "DELETE") return write(request, env, path);
    if (pasts.size === 0) return env.KV.fetch(request);
    if (request.method === "POST") return readMany(request, env);
    return read(keyOf(path)) ?? env.KV.fetch(request);
  },
};

const keyOf = (path) => decodeURIComponent(path.slice(1));

async function write(request, env, path) {
  const key = keyOf(path);
  const late = Number(await (await env.CLOUD.fetch("http://local/late", { method: "POST" })).text());
  if (!(late > 0)) {
    pasts.delete(key);
    return env.KV.fetch(request);
  }
  const before = await env.KV.fetch("http://kv" + path + "?urlencoded=true");
  const past = { status: before.status, headers: [...before.headers], body: await before.arrayBuffer() };
  const response = await env.KV.fetch(request);
  if (response.ok) pasts.set(key, [...current(key), { ...past, until: Date.now() + late }]);
  return response;
}

function current(key) {
  const past = (pasts.get(key) ?? []).filter(({ until }) => until > Date.now());
  if (past.length === 0) pasts.delete(key);
  return past;
}

function read(key) {
  const [past] = current(key);
  return past && new Response(past.body, { status: past.status, headers: past.headers });
}

async function readMany(request, env) {
  const { keys, type, withMetadata } = await request.clone().json();
  const response = await env.KV.fetch(request);
  if (!response.ok) return response;
  const found = await response.json();
  for (const key of keys) {
    const past = read(key);
    if (!past) continue;
    const value = past.ok ? await (type === "json" ? past.json() : past.text()) : null;
    const metadata = JSON.parse(past.headers.get("cf-kv-metadata") ?? "null");
    found[key] = value !== null && withMetadata ? { value, metadata } : value;
  }
  return Response.json(found);
}`;
