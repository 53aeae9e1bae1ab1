import { LIMITS } from "./limits.ts";

/** What a filter compares. */
export type Scalar = string | number | boolean;
/** What a metadata index holds. */
export type IndexType = "string" | "number" | "boolean";

/** A property of metadata that filters may name. */
export interface MetadataIndex {
  /** A dot leads into an object. */
  readonly propertyName: string;
  readonly indexType: IndexType;
}

/** A key that would read as a path, an operator or nothing. */
export function isInvalidKey(key: string): boolean {
  return key === "" || key.startsWith("$") || key.includes(".") || key.includes('"');
}

/** The first such key in metadata, however deep. */
export function findInvalidKey(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && isInvalidKey(key)) return key;
    const found = findInvalidKey(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a metadata index of this property and type holds of a vector's metadata; undefined: nothing. */
export function indexedValue(metadata: unknown, propertyName: string, indexType: IndexType): Scalar | undefined {
  let value = metadata;
  for (const key of propertyName.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  if (typeof value !== indexType) return undefined;
  // `typeof` was just compared with these three.
  return typeof value === "string" ? truncate(value) : (value as Scalar);
}

/** Metadata that holds these properties and nothing else; undefined when none has a value. */
export function indexedMetadata(
  properties: readonly (readonly [propertyName: string, value: Scalar | undefined])[],
): unknown {
  const result = emptyObject();
  for (const [propertyName, value] of properties) {
    if (value === undefined) continue;
    const keys = propertyName.split(".");
    const last = keys.pop() ?? "";
    let object = result;
    for (const key of keys) {
      object[key] ??= emptyObject();
      // Made here, or by a property before: never a value, because the metadata had an object at this place.
      object = object[key] as Record<string, unknown>;
    }
    object[last] = value;
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

/** Without a prototype, so that a key `__proto__` is a key like others. */
const emptyObject = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

/** The longest beginning of a text that has at most 64 bytes and ends with a whole character. */
function truncate(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LIMITS.indexedBytes) return text;
  let end: number = LIMITS.indexedBytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
