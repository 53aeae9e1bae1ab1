import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createIds } from "../../../core/ids.ts";
import type { Inference, ModelCall } from "../../../models/inference.ts";
import { type RawAnswer, rawJson } from "../../../models/raw-answer.ts";
import { endServers, listen } from "../../../testing/small-server.ts";
import type { LogEntry } from "../gateway.ts";
import { account_id, type GatewayFixture, gatewayFixture, minimal } from "../gateway-fixture.ts";
import { type DataPlane, dataPlane } from "./data-plane.ts";

/** How a model answers once: with JSON, a stream of events, an error, or not in time. */
type Reply = object | Events | Error | "hangs";

/** Server-sent events; after them the stream ends, breaks, or waits for ever. */
interface Events {
  events: string[];
  breaks?: boolean;
  waits?: boolean;
  /** Says that it is JSON. */
  json?: boolean;
}

/** One question that reached a provider. */
interface Asked {
  readonly provider: string;
  readonly endpoint: string;
  readonly body: unknown;
  readonly hasKey: boolean | undefined;
}

/** The data plane over the real state, in front of providers that answer as they are told. */
export interface CallsFixture extends GatewayFixture {
  readonly plane: () => DataPlane;
  /** Every question so far. */
  readonly asked: Asked[];
  /** Tells the next answers; after the last one it is repeated. */
  readonly answers: (...replies: Reply[]) => void;
  /** What percentages draw next. */
  readonly draw: { next: number };
  /** Makes a gateway, `main` if nothing else is said. */
  readonly make: (settings?: object, id?: string, accountId?: string) => Promise<void>;
  /** Makes a dynamic route of `main`. */
  readonly route: (name: string, elements: readonly object[]) => Promise<void>;
  /** Asks `main` at its public host. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  /** The account's logs, the newest first. */
  readonly logs: () => LogEntry[];
  /** The cache is as after a `kill -9` of the cloud. */
  readonly crash: () => void;
}

/** Cost of every answer, in US dollars. */
export const COST = 0.01;
/** The token that callers show. */
export const TOKEN = "t".repeat(40);

export function callsFixture(): CallsFixture {
  const fixture = gatewayFixture(() => true);
  const asked: Asked[] = [];
  const draw = { next: 0 };
  let script: Reply[] = [{ ok: true }];

  const answer = async (call: ModelCall, provider: string, endpoint: string, body: unknown): Promise<RawAnswer> => {
    asked.push({ provider, endpoint, body, hasKey: call.hasKey });
    const reply = (script.length > 1 ? script.shift() : script[0]) ?? {};
    const use = () =>
      call.onUsage?.({ model: endpoint, provider, inputTokens: 7, outputTokens: 3, neurons: 0, cost: COST });
    if (reply === "hangs") return await sleep(60_000, rawJson({}), { signal: call.signal });
    if (reply instanceof Error) throw reply;
    if (!isEvents(reply)) {
      use();
      return rawJson(reply);
    }
    const events = reply.events.map((event) => new TextEncoder().encode(`data: ${event}\n\n`));
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = events.shift();
        if (next) return controller.enqueue(next);
        if (reply.waits) return new Promise(() => {});
        use();
        if (reply.breaks) return controller.error(new Error("cut"));
        return controller.close();
      },
      cancel: use,
    });
    const headers = { "content-type": reply.json ? "application/json" : "text/event-stream" };
    return { status: 200, headers, body: stream };
  };
  const inference: Inference = {
    run: (call, model, inputs) => answer(call, "workers-ai", model, inputs),
    openai: (call, endpoint, body) => answer(call, "workers-ai", endpoint, body),
    foreign: (call, provider, endpoint, body) => answer(call, provider, endpoint, body),
    knows: () => true,
    close: () => Promise.resolve(),
  };
  const clock = { now: () => fixture.time.now, offset: 0, advance: () => {}, onMove: () => () => {} };
  const open = () =>
    dataPlane(
      { store: fixture.store, clock, ids: createIds() },
      { state: fixture.state, faults: fixture.faults, inference, token: TOKEN, random: () => draw.next },
    );
  let plane = open();
  const planes = [plane];
  const server = createServer((request, response) => plane.hosts["gateway.ai.cloudflare.com"]?.(request, response));
  const origin = listen(server);
  onTestFinished(() => {
    endServers(server);
    for (const one of planes) one.close();
  });
  return Object.assign(fixture, {
    plane: () => plane,
    asked,
    draw,
    answers: (...replies: Reply[]) => {
      script = replies;
    },
    async make(settings = {}, id = "main", accountId = account_id) {
      await fixture.client.aiGateway.create({ ...minimal, ...settings, id, account_id: accountId } as never);
    },
    async route(name: string, elements: readonly object[]) {
      await fixture.client.aiGateway.dynamicRouting.create("main", { account_id, name, elements: elements as never });
    },
    post: async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const init = { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) };
      return fetch(`${await origin}/v1/${path.startsWith("/") ? path.slice(1) : `${account_id}/main/${path}`}`, init);
    },
    logs: () =>
      fixture.state.logs
        .recent(account_id, { limit: 50 })
        .flatMap(({ gatewayId, id }) => fixture.state.log(account_id, gatewayId, id) ?? []),
    crash() {
      fixture.restart();
      plane = open();
      planes.push(plane);
    },
  });
}

function isEvents(reply: object): reply is Events {
  return "events" in reply;
}
