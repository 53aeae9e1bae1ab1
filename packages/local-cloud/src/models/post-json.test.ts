import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endServers, listen } from "../testing/small-server.ts";
import { jsonPoster } from "./post-json.ts";

let respond: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => void text(request).then(() => respond(request, response)));
let url: string;
beforeAll(async () => {
  url = await listen(server);
});
afterAll(() => endServers(server));

const never = new AbortController().signal;
const limits = { signal: never, timeout: 5000 };

it("gives a long body whole, and piece by piece to a reader that is slower than the server", async () => {
  const long = "äöü€".repeat(200_000);
  respond = (_, response) => response.end(long);
  const post = jsonPoster(url);
  expect(await (await post("{}", limits)).text()).toBe(long);
  let read = "";
  for await (const piece of (await post("{}", limits)).pieces()) {
    read += piece;
    await sleep(1);
  }
  expect(read === long).toBe(true);
});

it("makes the server wait while nobody reads", async () => {
  const piece = Buffer.alloc(64 * 1024, "x");
  const all = 512;
  let written = 0;
  respond = (_, response) => {
    const more = () => {
      for (let room = true; room && written < all; written++) room = response.write(piece);
      if (written === all) response.end();
    };
    response.on("drain", more);
    more();
  };
  const answer = await jsonPoster(url)("{}", limits);
  await sleep(300);
  expect(written).toBeLessThan(all);
  let bytes = 0;
  for await (const text of answer.pieces()) bytes += text.length;
  expect(bytes).toBe(all * piece.byteLength);
});

it("ends the connection when its reader leaves", async () => {
  let closed: Promise<unknown> | undefined;
  respond = (_, response) => {
    closed = once(response, "close");
    response.write("first");
  };
  for await (const piece of (await jsonPoster(url)("{}", limits)).pieces()) {
    expect(piece).toBe("first");
    break;
  }
  await closed;
});

it("ends at its limits, before the answer and in its middle", async () => {
  const post = jsonPoster(url);
  respond = () => undefined;
  await expect(post("{}", { ...limits, timeout: 30 })).rejects.toMatchObject({ name: "TimeoutError" });
  respond = (_, response) => response.write("first");
  const begun = await post("{}", { ...limits, timeout: 200 });
  await expect(begun.text()).rejects.toMatchObject({ name: "TimeoutError" });
  const leaving = new AbortController();
  const left = await post("{}", { ...limits, signal: leaving.signal });
  leaving.abort();
  await expect(left.text()).rejects.toMatchObject({ name: "AbortError" });
  await expect(post("{}", { ...limits, signal: leaving.signal })).rejects.toMatchObject({ name: "AbortError" });
});

it("fails when an answer breaks, and asks again where an idle socket was closed under it", async () => {
  const post = jsonPoster(url);
  respond = (_, response) => response.end("one");
  expect(await (await post("{}", limits)).text()).toBe("one");
  await sleep(20); // until its socket is idle
  let asked = 0;
  respond = (request, response) => (asked++ === 0 ? request.socket.destroy() : response.end("two"));
  expect(await (await post("{}", limits)).text()).toBe("two");
  expect(asked).toBe(2);
  respond = (request, response) => {
    response.write("half");
    setTimeout(() => request.socket.destroy(), 20);
  };
  const broken = await post("{}", limits);
  await expect(broken.text()).rejects.toThrow(/closed|terminated/);
});
