import { isShallow, MAX_DEPTH } from "@tenner/worker-kit/read-json";
import type { BadItemReason } from "./source-entry.ts";

/** What the bytes of one item are. */
export type ParsedItem =
  | { readonly kind: "item"; readonly value: unknown }
  | { readonly kind: "bad"; readonly reason: BadItemReason; readonly message: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Parses one item's JSON. */
export function parseItem(bytes: Uint8Array): ParsedItem {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { kind: "bad", reason: "invalid_encoding", message: "not valid UTF-8" };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The engine's own message repeats the text.
    const reason = String(error);
    const at = /position (\d+)/.exec(reason)?.[1];
    const where = at === undefined ? "" : `: look at character ${Number(at) + 1}`;
    const what = /end of JSON/.test(reason) ? ": it ends too early" : where;
    return { kind: "bad", reason: "invalid_json", message: `not JSON${what}` };
  }
  return isShallow(value) ? { kind: "item", value } : tooDeep();
}

/** The verdict on an item that nests too deep for what recurses after it. */
export function tooDeep(): ParsedItem {
  return { kind: "bad", reason: "invalid_json", message: `nested more than ${MAX_DEPTH} levels deep` };
}
