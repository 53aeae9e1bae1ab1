/** How a customer's Workers are. */
export type Health =
  | { readonly state: "well" }
  /** Nobody has asked them for a while; the next request wakes them. Only where the cloud is local. */
  | { readonly state: "asleep" }
  | { readonly state: "unknown"; readonly reason: string }
  | { readonly state: "ill"; readonly reason: string };

/** Milliseconds that a Worker has for an answer. */
const PATIENCE = 10_000;

/**
 * Asks each Worker how it is: `GET /health`.
 *
 * @param addresses by script name
 */
export async function askHealth(scripts: readonly string[], addresses: ReadonlyMap<string, string>): Promise<Health> {
  const answers = await Promise.all(scripts.map((script) => askWorker(script, addresses.get(script))));
  const ill = answers.filter(({ state }) => state === "ill");
  return ill[0] ?? answers.find(({ state }) => state === "unknown") ?? { state: "well" };
}

async function askWorker(script: string, address: string | undefined): Promise<Health> {
  if (address === undefined) {
    const reason = `${script}: its address is not known; set tenner:workersSubdomain or a domain`;
    return { state: "unknown", reason };
  }
  try {
    const response = await fetch(new URL("/health", address), { signal: AbortSignal.timeout(PATIENCE) });
    await response.body?.cancel();
    return response.ok ? { state: "well" } : { state: "ill", reason: `${script}: HTTP ${response.status}` };
  } catch (error) {
    return { state: "ill", reason: `${script}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
