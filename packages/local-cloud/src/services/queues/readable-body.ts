import { inspect, isDeepStrictEqual } from "node:util";
import { deserialize } from "node:v8";
import type { ContentType } from "./message.ts";

/** A body as people can read it. */
export interface ReadableBody {
  readonly text: string;
  /** `json` and `text`: as it was sent · `value`: a JavaScript value, as Node prints it · `hex`: bytes that are no text. */
  readonly form: "json" | "text" | "value" | "hex";
  /** The text is only the beginning. */
  readonly truncated: boolean;
}

/** Characters that people see of a body. */
const LONGEST = 20_000;

/** Makes a body readable, by its content type. */
export function readableBody(contentType: ContentType, body: Uint8Array): ReadableBody {
  const { text, form } = read(contentType, Buffer.from(body));
  return { text: text.slice(0, LONGEST), form, truncated: text.length > LONGEST };
}

function read(contentType: ContentType, body: Buffer): { text: string; form: ReadableBody["form"] } {
  switch (contentType) {
    case "json":
    case "text":
      return { text: body.toString(), form: contentType };
    case "bytes":
      return readBytes(body);
    case "v8":
      return readValue(body);
  }
}

function readBytes(body: Buffer): { text: string; form: ReadableBody["form"] } {
  const text = body.toString();
  if (isDeepStrictEqual(Buffer.from(text), body)) return { text, form: "text" };
  return { text: body.toString("hex"), form: "hex" };
}

/** workerd serialises as V8 does, and so does Node. What only Workers know, e.g. a `Headers`, stays bytes. */
function readValue(body: Buffer): { text: string; form: ReadableBody["form"] } {
  try {
    return { text: inspect(deserialize(body), { depth: 20, maxArrayLength: 1000, breakLength: 100 }), form: "value" };
  } catch {
    return { text: body.toString("hex"), form: "hex" };
  }
}
