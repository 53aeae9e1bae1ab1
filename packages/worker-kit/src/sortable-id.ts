const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A ULID in lower case behind a prefix: `job_01jd…`. It sorts by time and 80 of its bits are random, so it cannot be
 * guessed.
 *
 * @param at milliseconds since 1970
 */
export function sortableId(prefix: string, at: number): string {
  let time = "";
  for (let rest = at, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = `${ALPHABET[rest % 32]}${time}`;
  const random = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => ALPHABET[byte % 32]).join("");
  return `${prefix}_${time}${random}`;
}
