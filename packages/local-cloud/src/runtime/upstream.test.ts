import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UpstreamPool } from "./upstream.ts";

/** A server that answers each connection as told. Answers the pool to it. */
async function poolTo(answer: (socket: Socket, request: string) => void, connectionsAtOnce = 10, unanswered = 10) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("data", (data) => answer(socket, data.toString("latin1")));
    socket.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const pool = new UpstreamPool((server.address() as AddressInfo).port, {
    connections: connectionsAtOnce,
    unanswered,
  });
  onTestFinished(() => {
    pool.destroy();
    server.close();
  });
  return { pool, connections: () => connections };
}

interface Answer {
  status: number;
  headers: string[];
  body: string;
}

function ask(pool: UpstreamPool, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, headers: [], body: "" };
    const exchange = pool.send(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`, method !== "HEAD", {
      head: (status, _message, headers) => Object.assign(answer, { status, headers }),
      data(part) {
        answer.body += part.toString();
        return true;
      },
      end: () => resolve(answer),
      fail: reject,
    });
    exchange.finish();
  });
}

/** Writes a byte at a time. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const step = () => {
    if (at >= text.length || socket.destroyed) return;
    socket.write(text.slice(at, ++at), () => setImmediate(step));
  };
  step();
}

describe("answers of workerd", () => {
  it.each<[string, string, Answer]>([
    [
      "with a length",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b: c\r\n\r\nhello",
      { status: 200, headers: ["Content-Length", "5", "X-A", "b: c"], body: "hello" },
    ],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel\r\n\r\n1\r\n!\r\n0\r\n\r\n",
      { status: 200, headers: [], body: "hel\r\n!" },
    ],
    [
      "without a body",
      "HTTP/1.1 204 No Content\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n",
      { status: 204, headers: ["Set-Cookie", "a", "Set-Cookie", "b"], body: "" },
    ],
    [
      "after an interim answer",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      { status: 404, headers: ["Content-Length", "0"], body: "" },
    ],
  ])("are read %s, whole or byte by byte, and the connection is used again", async (_, text, expected) => {
    const { pool, connections } = await poolTo((socket) => socket.write(text));
    expect(await ask(pool)).toEqual(expected);
    expect(await ask(pool)).toEqual(expected);
    expect(connections()).toBe(1);
    const dripping = await poolTo((socket) => drip(socket, text));
    expect(await ask(dripping.pool)).toEqual(expected);
  });

  it("end with the connection when they say no length", async () => {
    const { pool } = await poolTo((socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"));
    expect(await ask(pool)).toMatchObject({ status: 200, body: "until the end" });
  });

  it("have no body for HEAD, whatever length they name", async () => {
    const { pool } = await poolTo((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
    expect(await ask(pool, "HEAD")).toMatchObject({ status: 200, body: "" });
  });

  it("fail when the connection breaks in the middle, or nobody listens", async () => {
    const { pool } = await poolTo((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", () => socket.destroy());
    });
    await expect(ask(pool)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(ask(new UpstreamPool(1, { connections: 1, unanswered: 1 }))).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("come to requests of which no part waits for the acknowledgement of another", async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    onTestFinished(() => setNoDelay.mockRestore());
    const { pool } = await poolTo((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    await ask(pool);
    expect(setNoDelay).toHaveBeenCalledWith(true);
  });

  it("are read when they came before the whole body, and the connection is gone by then", async () => {
    let sendMore = () => {};
    const { pool } = await poolTo((socket) => {
      socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig", () => {
        socket.resetAndDestroy();
        // Sent before anybody has read the answer: it fails.
        sendMore();
      });
    });
    const body = await new Promise<string>((resolve, reject) => {
      let text = "";
      const exchange = pool.send("POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n", true, {
        head: () => {},
        data(part) {
          text += part.toString();
          return true;
        },
        end: () => resolve(text),
        fail: reject,
      });
      sendMore = () => exchange.write("more", () => {});
    });
    expect(body).toBe("big");
  });

  it("fail when the connection breaks while the body is sent and nothing was answered", async () => {
    let sendMore = () => {};
    const { pool } = await poolTo((socket) => {
      socket.resetAndDestroy();
      sendMore();
    });
    const failure = new Promise((_, reject) => {
      const exchange = pool.send("POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n", true, {
        head: () => {},
        data: () => true,
        end: () => {},
        fail: reject,
      });
      sendMore = () => exchange.write("more", () => {});
    });
    await expect(failure).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("come to who still waits after thousands of others have left at once", async () => {
    const all = Promise.withResolvers<void>();
    const { pool } = await poolTo((socket) => {
      void all.promise.then(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    }, 1);
    const first = ask(pool);
    const reader = { head: () => {}, data: () => true, end: () => {}, fail: () => {} };
    const others = Array.from({ length: 30_000 }, () => pool.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true, reader));
    const last = ask(pool);
    for (const other of others) other.abort();
    all.resolve();
    expect([(await first).status, (await last).status]).toEqual([200, 200]);
  });

  it("wait for those before them to begin, not to end; what one of these waits for does not wait", async () => {
    const open: Socket[] = [];
    const { pool, connections } = await poolTo((socket) => open.push(socket), 10, 2);
    const begin = (socket: Socket | undefined) => socket?.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    const answers = [ask(pool), ask(pool), ask(pool)];
    await expect.poll(() => open.length).toBe(2);
    const reader = { head: () => {}, data: () => true, end: () => {}, fail: () => {} };
    pool.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true, reader, true).finish();
    await expect.poll(() => open.length).toBe(3);
    for (const socket of open) begin(socket);
    await expect.poll(() => open.length).toBe(4);
    begin(open[3]);
    for (const socket of open) socket.write("ok");
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(["ok", "ok", "ok"]);
    expect(connections()).toBe(4);
  });

  it("make room when they fail, or their callers leave", async () => {
    const asked: Socket[] = [];
    const { pool } = await poolTo((socket) => asked.push(socket), 10, 1);
    const reader = { head: () => {}, data: () => true, end: () => {}, fail: () => {} };
    const left = pool.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n", true, reader);
    const failing = ask(pool);
    const last = ask(pool);
    await expect.poll(() => asked.length).toBe(1);
    left.abort();
    await expect.poll(() => asked.length).toBe(2);
    asked[1]?.resetAndDestroy();
    await expect(failing).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => asked.length).toBe(3);
    asked[2]?.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    expect((await last).body).toBe("ok");
  });

  it("wait for one of the connections", async () => {
    const { pool, connections } = await poolTo((socket) => {
      setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), 5);
    }, 2);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(pool)));
    expect(answers.every(({ body }) => body === "ok")).toBe(true);
    expect(connections()).toBe(2);
  });
});
