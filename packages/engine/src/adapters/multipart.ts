import { randomUUID } from "node:crypto";

/** One part of a multipart form. `FormData` cannot say a content type without a file name; Cloudflare's metadata is so. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** The parts as a request body, with the header that belongs to it. */
export function multipart(parts: readonly Part[]): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> } {
  const boundary = `----tenner-${randomUUID()}`;
  const chunks = parts.flatMap(({ name, filename, contentType, body }) => [
    `--${boundary}\r\n`,
    `Content-Disposition: form-data; name="${quoted(name)}"${filename === undefined ? "" : `; filename="${quoted(filename)}"`}\r\n`,
    `Content-Type: ${contentType}\r\n\r\n`,
    body,
    "\r\n",
  ]);
  return {
    body: new Uint8Array(
      Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk as string))),
    ),
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  };
}

function quoted(name: string): string {
  return name
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]/g, " ");
}
