/** A template of a customer's, and who may come in. */
export interface Door {
  readonly url: string;
  readonly apiKey: string;
  /** With which others sign events for it. */
  readonly webhookSecret?: string;
}

/** A customer as `customer add --json` says it, with what `outputs --show-secrets` adds. */
export interface CrossedCustomer {
  readonly name: string;
  readonly accountId: string;
  readonly templates: Readonly<Record<string, Door>>;
}

/** Notes a way that was tried, and why it counts as a crossing; undefined when it was refused, as it should be. */
export type Tried = (what: string, crossed: string | undefined) => void;

/** An answer. */
export interface Read {
  readonly status: number;
  readonly text: string;
}

/** A start of a Worker that slept is within it. */
const PATIENCE_MS = 60_000;

/** Asks a template's API by the key of its door. */
export async function call(door: Door, method: string, where: string, body?: object, headers = {}): Promise<Read> {
  const response = await fetch(door.url + where, {
    method,
    headers: { authorization: `Bearer ${door.apiKey}`, "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { status: response.status, text: await response.text() };
}

/** How the edge cache answers: its header `x-cache`, `none` for nothing that was kept, or the status of a refusal. */
export async function ask({ url, apiKey }: Door, content: string, control?: "only-if-cached"): Promise<string> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      ...(control && { "cache-control": control }),
    },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content }] }),
  });
  await response.arrayBuffer();
  if (response.ok) return response.headers.get("x-cache") ?? "?";
  return response.status === 504 ? "none" : `HTTP ${response.status}`;
}

/** Why an answer is one that a stranger must not get; undefined when it is none. */
export function found({ status, text }: Read, word: string): string | undefined {
  if (text.includes(word)) return `HTTP ${status} with the other's word`;
  return status < 400 ? `HTTP ${status}` : undefined;
}

/** As `found`, of an answer that is a stranger's own and may succeed, but must not hold the other's word. */
export function told({ status, text }: Read, word: string): string | undefined {
  return text.includes(word) ? `HTTP ${status} with the other's word` : undefined;
}

/** @throws when something that has to work does not, so that nothing could be found by any try */
export function must(what: string, got: unknown, wanted: unknown): void {
  if (got !== wanted) throw new Error(`${what}: ${String(got)}, not ${String(wanted)}`);
}
