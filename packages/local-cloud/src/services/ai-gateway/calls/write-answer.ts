import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { RawAnswer } from "../../../models/raw-answer.ts";

/** Writes an answer: a stream chunk by chunk as it comes, no faster than its reader takes it. */
export async function writeAnswer(response: ServerResponse, { status, headers, body }: RawAnswer): Promise<void> {
  if (body instanceof ReadableStream) {
    response.writeHead(status, headers);
    response.flushHeaders();
    await writeStream(response, body);
    return;
  }
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(status, { ...headers, "content-length": length });
  response.end(body);
}

async function writeStream(response: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const left = () => void reader.cancel().catch(() => undefined);
  response.once("close", left);
  if (response.destroyed) left();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!response.write(value)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
    response.off("close", left);
    response.end();
  } catch {
    // The stream broke in the middle, which its log says: all that a caller can be told now is a broken connection.
    response.destroy();
  }
}
