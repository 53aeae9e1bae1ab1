/** What a call tells the gateway about itself: at most five facts, for its log and its rules. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** What the gateway's cache may do for a call. */
export interface CacheUse {
  readonly key: string;
  readonly seconds: number;
}

const MOST_METADATA = 5;

/**
 * The facts of a call as the gateway takes them.
 *
 * @throws RangeError with more than five, or with one that is no text, finite number or boolean: the gateway would drop
 * all of them, and rules that look at them would not hold
 */
export function checkMetadata(metadata: Readonly<Record<string, unknown>>): Metadata {
  const entries = Object.entries(metadata).filter(([, value]) => value !== undefined);
  if (entries.length > MOST_METADATA) {
    const names = entries.map(([name]) => name).join(", ");
    throw new RangeError(`metadata: the gateway takes ${MOST_METADATA} entries, not ${entries.length} (${names})`);
  }
  for (const [name, value] of entries) {
    const fits = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (!fits) throw new RangeError(`metadata: "${name}" has to be a text, a finite number or a boolean`);
  }
  // Checked above.
  return Object.fromEntries(entries) as Metadata;
}

/**
 * The gateway's headers of a call. Whether the cache may answer is always said: without a word it may, for minutes,
 * even where the gateway's own lifetime is 0.
 *
 * @param timeoutMs of one attempt
 * @see https://developers.cloudflare.com/ai-gateway/features/caching/
 */
export function requestHeaders(options: {
  metadata: Metadata;
  timeoutMs: number;
  cache: CacheUse | undefined;
}): Record<string, string> {
  const { metadata, timeoutMs, cache } = options;
  return {
    "cf-aig-metadata": inAscii(JSON.stringify(metadata)),
    "cf-aig-request-timeout": String(Math.ceil(timeoutMs)),
    "cf-aig-skip-cache": String(cache === undefined),
    ...(cache && { "cf-aig-cache-key": cache.key, "cf-aig-cache-ttl": String(cache.seconds) }),
  };
}

/** A header carries ASCII; JSON can say everything in it. */
function inAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
