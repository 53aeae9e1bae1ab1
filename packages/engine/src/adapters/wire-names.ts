import { isObject } from "./properties.ts";

/** Where Pulumi's and Cloudflare's names of a resource differ by more than their case. */
export interface WireNames {
  /** Pulumi's name → the name on the wire, at any depth. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** As `renamed`, only for the resource's own properties. */
  readonly topLevel?: Readonly<Record<string, string>>;
  /** Properties (Pulumi's names) whose members are data, not names, so they stay as they are. */
  readonly opaque?: readonly string[];
}

/** Pulumi's camelCase properties as Cloudflare's JSON. */
export function toWire(properties: unknown, names: WireNames = {}): unknown {
  const convert = (value: unknown, renamed: Readonly<Record<string, string>>): unknown => {
    if (Array.isArray(value)) return value.map((item) => convert(item, names.renamed ?? {}));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => [
          renamed[name] ?? snakeCase(name),
          names.opaque?.includes(name) ? member : convert(member, names.renamed ?? {}),
        ]),
    );
  };
  return convert(properties, { ...names.renamed, ...names.topLevel });
}

/** Cloudflare's JSON as Pulumi's camelCase properties; `null` stays, so that "unset" can be told from "not said". */
export function fromWire(answer: unknown, names: WireNames = {}): unknown {
  const nested = inverse(names.renamed);
  const convert = (value: unknown, original: ReadonlyMap<string, string>): unknown => {
    if (Array.isArray(value)) return value.map((item) => convert(item, nested));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([wireName, member]) => {
        const name = original.get(wireName) ?? camelCase(wireName);
        return [name, names.opaque?.includes(name) ? member : convert(member, nested)];
      }),
    );
  };
  return convert(answer, inverse({ ...names.renamed, ...names.topLevel }));
}

/** Leaves out what is `null`, at every depth, as the provider does in its state. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}

/** `2026-11-21T08:18:50.497000Z` → `2026-11-21T08:18:50Z`: the provider keeps whole seconds of its RFC 3339 fields. */
export function wholeSeconds(timestamp: unknown): unknown {
  return typeof timestamp === "string" ? timestamp.replace(/\.\d+(?=Z|[+-]\d\d:)/, "") : timestamp;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function inverse(renamed: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return new Map(Object.entries(renamed).map(([name, wireName]) => [wireName, name]));
}
