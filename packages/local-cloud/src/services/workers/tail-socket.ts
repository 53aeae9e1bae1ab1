import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** A WebSocket we only send to. */
export interface TailSocket {
  send(text: string): void;
  close(): void;
}

/**
 * Accepts a tail's WebSocket, subprotocol `trace-v1`. Written by hand because wrangler sends its first frame unmasked,
 * which `ws` refuses; what a client sends is read only for its close and ping frames.
 *
 * @param onClose called once, whoever ends it.
 */
export function acceptTailSocket(request: IncomingMessage, socket: Duplex, onClose: () => void): TailSocket {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${WEBSOCKET_ID}`).digest("base64");
  const protocol = String(request.headers["sec-websocket-protocol"] ?? "").includes("trace-v1");
  socket.write(
    [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${accept}`,
      ...(protocol ? ["Sec-WebSocket-Protocol: trace-v1"] : []),
      "\r\n",
    ].join("\r\n"),
  );
  const alive = setInterval(() => socket.write(frame(PING, Buffer.alloc(0))), 30_000).unref();
  socket.once("close", () => {
    clearInterval(alive);
    onClose();
  });
  socket.on("error", () => socket.destroy());
  socket.on("data", (data: Buffer) => {
    const opcode = (data[0] ?? 0) & 0x0f;
    if (opcode === CLOSE) socket.end(frame(CLOSE, Buffer.from([0x03, 0xe8])));
    if (opcode === PING) socket.write(frame(PONG, Buffer.alloc(0)));
  });
  return {
    send: (text) => void socket.write(frame(TEXT, Buffer.from(text))),
    close: () => void socket.end(frame(CLOSE, Buffer.from([0x03, 0xe9])), () => socket.destroy()),
  };
}

const WEBSOCKET_ID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** One unmasked frame, as servers send them. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}
