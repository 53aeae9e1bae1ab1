import { isShallow } from "@tenner/worker-kit/read-json";
import { tooDeep } from "./parse-item.ts";
import type { IngestLimits, SourceEntry } from "./source-entry.ts";
import { SourceError } from "./source-error.ts";

/**
 * Reads the items of a JSON document: an array, or an object with an array `items`.
 *
 * @param from the position to begin at
 * @throws SourceError when it is neither
 */
export function* readJsonDocument(bytes: Uint8Array, limits: IngestLimits, from: number): Iterable<SourceEntry> {
  const items = itemsOf(bytes);
  const encoder = new TextEncoder();
  for (const [position, value] of items.entries()) {
    if (position < from) continue;
    const place = { position, line: null, next: { offset: 0, line: 1, position: position + 1 } };
    if (!isShallow(value)) {
      yield { ...place, ...tooDeep() };
      continue;
    }
    const size = encoder.encode(JSON.stringify(value)).length;
    if (size <= limits.maxItemBytes) {
      yield { ...place, kind: "item", value };
    } else {
      const message = `${size} bytes; an item may have ${limits.maxItemBytes}`;
      yield { ...place, kind: "bad", reason: "item_too_large", message };
    }
  }
}

function itemsOf(bytes: Uint8Array): readonly unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "not JSON" : "not valid UTF-8";
    throw new SourceError("invalid_document", `the document is ${what}`, { cause });
  }
  if (Array.isArray(document)) return document;
  if (typeof document === "object" && document !== null && "items" in document && Array.isArray(document.items)) {
    return document.items;
  }
  throw new SourceError("invalid_document", 'the document is neither an array of items nor an object with "items"');
}
