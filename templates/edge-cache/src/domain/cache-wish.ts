import * as z from "zod";

/** What a request's headers ask of the cache. */
export interface CacheWish {
  /** Nothing is read and nothing is kept. */
  readonly noStore: boolean;
  /** A new answer, which is kept. */
  readonly noCache: boolean;
  /** Nothing but a kept answer. */
  readonly onlyIfCached: boolean;
  /** Seconds that a kept answer may be old; null: as long as it lives. */
  readonly maxAge: number | null;
  /** Seconds that the answer is kept; null: as the settings have it. */
  readonly ttl: number | null;
  /** By which the answer can be purged, sorted. */
  readonly tags: readonly string[];
  /** The answer to a question that means the same will do, and this one's answer may be given for others. */
  readonly alike: boolean;
}

const Tag = z.string().regex(/^[\w.:-]{1,64}$/, "letters, digits and _ . : -, at most 64 of them");
const Ttl = z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(60).max(2_592_000));
const MOST_TAGS = 10;

/** A header that is not as it should be. */
export class CacheWishError extends Error {
  override readonly name = "CacheWishError";
}

/**
 * Reads `cache-control` (`no-store`, `no-cache`, `max-age`, `only-if-cached`; others have no meaning here),
 * `x-cache-ttl`, `x-cache-tags` and `x-cache-semantic`.
 *
 * @throws CacheWishError
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1
 */
export function readCacheWish(header: (name: string) => string | undefined): CacheWish {
  const directives = new Map(
    (header("cache-control") ?? "").split(",").map((each) => {
      const [name = "", value = ""] = each.split("=");
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1")];
    }),
  );
  const age = directives.get("max-age");
  if (age !== undefined && !/^\d{1,10}$/.test(age)) {
    throw new CacheWishError(`cache-control: max-age has to be whole seconds, not "${age}"`);
  }
  return {
    noStore: directives.has("no-store"),
    noCache: directives.has("no-cache") || age === "0",
    onlyIfCached: directives.has("only-if-cached"),
    maxAge: age === undefined ? null : Number(age),
    ttl: ttlOf(header("x-cache-ttl")),
    tags: tagsOf(header("x-cache-tags")),
    alike: alikeOf(header("x-cache-semantic")),
  };
}

function ttlOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ttl = Ttl.safeParse(text.trim());
  if (ttl.success) return ttl.data;
  throw new CacheWishError("x-cache-ttl: whole seconds from 60 to 2592000");
}

function alikeOf(text: string | undefined): boolean {
  const wish = text?.trim().toLowerCase() ?? "on";
  if (wish === "on" || wish === "off") return wish === "on";
  throw new CacheWishError(`x-cache-semantic: "on" or "off", not "${text}"`);
}

function tagsOf(text: string | undefined): readonly string[] {
  const tags = [...new Set((text ?? "").split(",").map((tag) => tag.trim()))].filter(Boolean);
  if (tags.length > MOST_TAGS) throw new CacheWishError(`x-cache-tags: at most ${MOST_TAGS} tags`);
  for (const tag of tags) {
    if (!Tag.safeParse(tag).success) {
      throw new CacheWishError(`x-cache-tags: "${tag}" is no tag: letters, digits and _ . : -, at most 64 of them`);
    }
  }
  return tags.toSorted();
}
