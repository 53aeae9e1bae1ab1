/** How a customer's Workers are. */
export type Health =
  | { readonly state: "well" }
  /** Nobody has asked them for a while; the next request wakes them. Only where the cloud is local. */
  | { readonly state: "asleep" }
  | { readonly state: "unknown"; readonly reason: string }
  | { readonly state: "ill"; readonly reason: string };

/** Milliseconds that a Worker has for an answer. */
const PATIENCE = 10_000;
/** As above, of one that has just been deployed: locally its runtime starts first, on a busy machine slowly. */
export const PATIENCE_AFTER_DEPLOYMENT = 60_000;

/**
 * Asks each Worker how it is: `GET /health`.
 *
 * @param addresses by script name
 * @param patience milliseconds that each has for its answer
 */
export async function askHealth(
  scripts: readonly string[],
  addresses: ReadonlyMap<string, string>,
  patience = PATIENCE,
): Promise<Health> {
  const answers = await Promise.all(scripts.map((script) => askWorker(script, addresses.get(script), patience)));
  const ill = answers.filter(({ state }) => state === "ill");
  return ill[0] ?? answers.find(({ state }) => state === "unknown") ?? { state: "well" };
}

async function askWorker(script: string, address: string | undefined, patience: number): Promise<Health> {
  if (address === undefined) {
    const reason = `${script}: its address is not known; set tenner:workersSubdomain or a domain`;
    return { state: "unknown", reason };
  }
  try {
    const response = await fetch(new URL("/health", address), { signal: AbortSignal.timeout(patience) });
    await response.body?.cancel();
    return response.ok ? { state: "well" } : { state: "ill", reason: `${script}: HTTP ${response.status}` };
  } catch (error) {
    return { state: "ill", reason: `${script}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
