import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ActivityLog } from "../core/activity.ts";
import type { VersionFigures } from "../core/version-figures.ts";
import type { AccountRuntime, Target } from "./account-runtime.ts";
import { chooseVersion } from "./choose-version.ts";
import { closeServer } from "./inner-server.ts";
import type { Traffic } from "./traffic.ts";
import type { AnswerReader, Exchange } from "./upstream.ts";

/** What a door needs to know about its Worker. */
export interface DoorOptions {
  readonly accountId: string;
  readonly script: string;
  readonly account: AccountRuntime;
  readonly activity: ActivityLog;
  /** Where requests are counted by version. */
  readonly figures: VersionFigures;
  /** Value of the header {@link INNER_HEADER} by which a request of a Worker is known. */
  readonly innerKey: string;
}

/** Marks requests that Workers send to each other's addresses. */
export const INNER_HEADER = "x-local-inner";

/** Callers whose connection the system may hold until it is taken; who is one too many tries again a second later. */
const BACKLOG = 4096;
/** How often a request that found nobody is sent again, while workerd comes back. */
const ATTEMPTS = 8;
/** Requests of a Worker that are recorded in a second; more would slow the door down. */
const RECORDED_A_SECOND = 100;

/**
 * A Worker's stable address. It passes requests to wherever the Worker listens now, and holds them while it is not
 * there: asleep, reloading, or restarting after a crash.
 */
export class FrontDoor {
  readonly #options: DoorOptions;
  readonly #server: Server;
  #recordedSecond = 0;
  #recorded = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.handle(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = 30_000;
  }

  /** @throws the listener's error, `EADDRINUSE` when the port is taken. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, host: "127.0.0.1", backlog: BACKLOG }, () => resolve());
    });
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  /** Passes a request on. The main port uses it too, for custom domains. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { account } = this.#options;
    if (account.open || (account.draining && this.#isFromWorker(request))) {
      this.#forward(request, response, 1);
      return;
    }
    account.ready().then(
      () => this.#forward(request, response, 1),
      (error: Error) => unavailable(response, error.message),
    );
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { account } = this.#options;
    socket.on("error", () => socket.destroy());
    account.ready().then(
      () => this.#tunnel(request, socket, head),
      () => socket.end("HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n\r\n"),
    );
  }

  #forward(request: IncomingMessage, response: ServerResponse, attempt: number): void {
    const { account, figures } = this.#options;
    const { traffic, generation } = account;
    const target = this.#target(request);
    if (target === undefined) {
      const reason = account.brokenBecause(this.#options.script)?.message;
      unavailable(response, reason ?? `Worker ${this.#options.script} has no version that is deployed`);
      return;
    }
    const forwarding = new Forwarding(request, response, traffic, this.#options.script, this.#isFromWorker(request), {
      over: (duration) => {
        // Who left before the answer began says nothing of the version.
        if (response.headersSent) figures.add(target.versionId, response.statusCode >= 500, duration);
        this.#record(request, response.statusCode, duration);
      },
      failed: (error) => {
        const { method = "GET" } = request;
        const repeatable = !hasBody(request) && (method === "GET" || method === "HEAD");
        const notArrived = error.code === "ECONNREFUSED" && !request.readableDidRead;
        if (attempt >= ATTEMPTS || !(repeatable || notArrived)) {
          figures.add(target.versionId, true, forwarding.duration);
          unavailable(response, `Worker ${this.#options.script} ended unexpectedly (${error.code ?? error.message})`);
          account.recover(generation).catch(() => {});
          return;
        }
        delay(attempt * 25)
          .then(() => account.recover(generation))
          .then(
            () => this.#forward(request, response, attempt + 1),
            (failure: Error) => unavailable(response, failure.message),
          );
      },
    });
    forwarding.start(target);
  }

  #isFromWorker({ headers }: IncomingMessage): boolean {
    return headers[INNER_HEADER] === this.#options.innerKey;
  }

  #tunnel(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = this.#target(request);
    if (target === undefined) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
      return;
    }
    const { traffic } = this.#options.account;
    const peer = connect(target.port, "127.0.0.1");
    const headers = forwardedHeaders(request);
    const lines = Array.from({ length: headers.length / 2 }, (_, i) => `${headers[2 * i]}: ${headers[2 * i + 1]}`);
    peer.write(
      `${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`,
    );
    if (head.length > 0) peer.write(head);
    traffic.sockets.add(socket);
    socket.once("close", () => {
      traffic.sockets.delete(socket);
      traffic.lastUse = Date.now();
      peer.destroy();
    });
    peer.on("error", () => socket.destroy());
    peer.pipe(socket);
    socket.pipe(peer);
  }

  #target({ headers }: IncomingMessage): Target | undefined {
    const { account, script } = this.#options;
    return chooseVersion(account.targets(script), headers, script);
  }

  #record(request: IncomingMessage, status: number, duration: number): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#recordedSecond) {
      this.#recordedSecond = second;
      this.#recorded = 0;
    }
    if (this.#recorded++ >= RECORDED_A_SECOND) return;
    const { accountId, script, activity } = this.#options;
    const { method = "GET", url: path = "/" } = request;
    activity.record({ type: "request", accountId, script, method, path, status, duration: Math.round(duration) });
  }
}

/** One request on its way to the Worker and back. */
class Forwarding implements AnswerReader {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #traffic: Traffic;
  readonly #script: string;
  readonly #fromWorker: boolean;
  readonly #events: { over(duration: number): void; failed(error: NodeJS.ErrnoException): void };
  readonly #started = performance.now();
  readonly #onClose = () => this.#close();
  #exchange: Exchange | undefined;
  #bareFailure = false;
  #counted = true;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    traffic: Traffic,
    script: string,
    fromWorker: boolean,
    events: { over(duration: number): void; failed(error: NodeJS.ErrnoException): void },
  ) {
    this.#request = request;
    this.#response = response;
    this.#traffic = traffic;
    this.#script = script;
    this.#fromWorker = fromWorker;
    this.#events = events;
  }

  /** ms since it began. */
  get duration(): number {
    return performance.now() - this.#started;
  }

  start(target: Target): void {
    const request = this.#request;
    const { pool } = target.past?.covers(request.url ?? "/") ? target.past : target;
    this.#traffic.enter();
    this.#response.once("close", this.#onClose);
    const exchange = pool.send(requestHead(request), request.method !== "HEAD", this, this.#fromWorker);
    this.#exchange = exchange;
    if (hasBody(request)) this.#sendBody(request, exchange);
    else exchange.finish();
  }

  head(status: number, message: string, headers: string[]): void {
    const response = this.#response;
    if (isBareFailure(status, headers)) {
      this.#bareFailure = true;
      return;
    }
    response.writeHead(status, message, headers);
    if (!isEventStream(headers)) return;
    response.flushHeaders();
    this.#traffic.streams.add(response);
    this.#leave();
  }

  data(part: Buffer): boolean {
    if (this.#bareFailure || this.#response.write(part)) return true;
    this.#response.once("drain", () => this.#exchange?.resume());
    return false;
  }

  end(): void {
    skipBody(this.#response);
    if (this.#bareFailure) exceptionPage(this.#response, this.#script);
    else this.#response.end();
  }

  fail(error: NodeJS.ErrnoException): void {
    if (this.#response.headersSent || this.#response.destroyed) {
      this.#response.destroy();
      return;
    }
    this.#response.off("close", this.#onClose);
    this.#leave();
    this.#events.failed(error);
  }

  #sendBody(request: IncomingMessage, exchange: Exchange): void {
    const chunked = "transfer-encoding" in request.headers;
    const resume = () => request.resume();
    request.on("data", (part: Buffer) => {
      let ready = true;
      if (chunked) exchange.write(`${part.length.toString(16)}\r\n`, () => {});
      ready = exchange.write(part, resume);
      if (chunked) exchange.write("\r\n", () => {});
      if (!ready) request.pause();
    });
    request.once("end", () => {
      if (chunked) exchange.write("0\r\n\r\n", () => {});
      exchange.finish();
    });
  }

  #close(): void {
    this.#exchange?.abort();
    this.#traffic.streams.delete(this.#response);
    this.#leave();
    this.#events.over(this.duration);
  }

  #leave(): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.#traffic.leave();
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Request line and headers as they go to workerd. Node has checked that none has a line end in it. */
function requestHead(request: IncomingMessage): string {
  const headers = forwardedHeaders(request);
  let head = `${request.method} ${request.url} HTTP/1.1\r\n`;
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${head}\r\n`;
}

const NOT_FORWARDED = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "expect",
  INNER_HEADER,
  "cf-connecting-ip",
  "x-real-ip",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
]);

/** The request's headers as `name, value, name, value…`, with Cloudflare's about the caller. */
function forwardedHeaders(request: IncomingMessage): string[] {
  const raw = request.rawHeaders;
  const headers: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower)) continue;
    const value = raw[index + 1] as string;
    const passed = lower === "cookie" ? withoutConsoleSession(value) : value;
    if (passed !== "" || value === "") headers.push(name, passed);
  }
  const address = request.socket.remoteAddress ?? "127.0.0.1";
  headers.push("CF-Connecting-IP", address, "X-Forwarded-For", address, "X-Forwarded-Proto", "http");
  if (request.headers.host !== undefined) headers.push("X-Forwarded-Host", request.headers.host);
  return headers;
}

/** Cookies ignore ports, so a browser sends the console's session to Workers too. It is none of their business. */
function withoutConsoleSession(cookies: string): string {
  if (!cookies.includes("tenner_console")) return cookies;
  return cookies
    .split(";")
    .filter((cookie) => !cookie.trimStart().startsWith("tenner_console"))
    .join(";")
    .trim();
}

/** workerd's own answer when nobody caught an exception: 500, a fixed text, and no type. */
function isBareFailure(status: number, headers: readonly string[]): boolean {
  return (
    status === 500 && headerOf(headers, "content-length") === "21" && headerOf(headers, "content-type") === undefined
  );
}

function isEventStream(headers: readonly string[]): boolean {
  return headerOf(headers, "content-type")?.startsWith("text/event-stream") ?? false;
}

function headerOf(headers: readonly string[], wanted: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (name.length === wanted.length && name.toLowerCase() === wanted) return headers[index + 1];
  }
  return undefined;
}

/** @see https://developers.cloudflare.com/workers/observability/errors/ */
function exceptionPage(response: ServerResponse, script: string): void {
  response
    .writeHead(500, { "content-type": "text/plain; charset=utf-8" })
    .end(`error code: 1101\nWorker threw exception: ${script}. The cloud's log has the stack.\n`);
}

/** What is still to come of the body belongs to nobody; the caller's next request stands behind it. */
function skipBody({ req }: ServerResponse): void {
  req.resume();
}

function unavailable(response: ServerResponse, message: string): void {
  skipBody(response);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .writeHead(503, { "content-type": "text/plain; charset=utf-8", "retry-after": "1" })
    .end(`error code: 1104\n${message}\n`);
}
