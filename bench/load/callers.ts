import { randomBytes } from "node:crypto";
import { Agent, type ClientRequest, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { type Answer, type Ask, drawVisits } from "./seeds-mix.ts";

/** A deployed template that is called. */
export interface CalledTemplate {
  readonly url: string;
  readonly apiKey: string;
}

/** What {@link call} is asked. */
export interface CallersTask {
  readonly templates: Readonly<Record<string, CalledTemplate>>;
  /** Callers. Each has one request under way, on a connection of its own. */
  readonly connections: number;
  /** New requests are sent for so long; those under way then are waited for. */
  readonly seconds: number;
  /** Milliseconds that a caller waits between an answer and its next visit, in the mean. */
  readonly pause: number;
  /** Milliseconds after which a caller gives up. */
  readonly timeout: number;
}

/** How requests have ended: an answer that was wanted, one that says "not now" (429, or 503 with retry-after), or neither. */
export type Outcome = "answered" | "refused" | "failed";

/** What happened in one second. */
export interface Second {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Latencies of what was answered in it, in ms. */
  readonly latencies: Float64Array;
  /** Requests that wait for their answer at its end. */
  readonly underWay: number;
  /** Connections that are open at its end, idle ones included. */
  readonly connections: number;
}

/** What a kind of request came to. */
export interface KindResult {
  readonly kind: string;
  /** Of those answered, in ms. */
  readonly latencies: Float64Array;
  /** Of those refused, and of those failed: how often, by what was said. */
  readonly refused: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
}

/** What the thread says: a second as it ends, and everything at the end. */
export type CallersMessage =
  | { readonly type: "second"; readonly second: Second }
  | { readonly type: "end"; readonly kinds: readonly KindResult[]; readonly seconds: number };

/** Callers begin within this time, in ms: nobody's callers all come in the same millisecond. */
const RAMP = 3000;

/** Many callers at once, each with its next request when its last was answered. The script of a worker thread. */
async function call(task: CallersTask, say: (message: CallersMessage) => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: task.connections });
  const kinds = new Map<string, { latencies: number[]; refused: Counts; failed: Counts }>();
  const draw = drawVisits(new Set(Object.keys(task.templates)));
  const began = performance.now();
  const end = began + task.seconds * 1000;
  const run = randomBytes(3).toString("hex");
  let [visits, underWay] = [0, 0];
  let now = newSecond();

  const timer = setInterval(() => {
    const connections = [agent.sockets, agent.freeSockets].flatMap((all) => Object.values(all)).flat().length;
    const { latencies, counts } = now;
    now = newSecond();
    const at = (performance.now() - began) / 1000;
    say({ type: "second", second: { at, counts, latencies: new Float64Array(latencies), underWay, connections } });
  }, 1000);
  const ramp = Math.min(RAMP, task.seconds * 100);
  await Promise.all(
    Array.from({ length: task.connections }, (_, number) => caller((ramp * number) / task.connections)),
  );
  clearInterval(timer);
  agent.destroy();
  const results = [...kinds].map(([kind, { latencies, ...rest }]) => ({
    kind,
    latencies: new Float64Array(latencies).sort(),
    ...rest,
  }));
  say({ type: "end", kinds: results, seconds: (performance.now() - began) / 1000 });

  async function caller(after: number): Promise<void> {
    await delay(after);
    while (performance.now() < end) {
      const { template, begin } = draw(Math.random());
      const called = task.templates[template];
      if (!called) throw new Error(`${template} is not deployed`);
      const visit = begin({ number: visits++, run });
      let step = visit.next();
      while (!step.done && performance.now() < end) step = visit.next(await send(called, step.value));
      if (task.pause > 0) await delay(Math.min(-Math.log(1 - Math.random()) * task.pause, end - performance.now()));
    }
  }

  async function send(called: CalledTemplate, ask: Ask): Promise<Answer> {
    const since = performance.now();
    underWay += 1;
    const got = await exchange(agent, called, ask, task.timeout);
    underWay -= 1;
    const outcome = outcomeOf(got);
    now.counts[outcome] += 1;
    const kind =
      ask.kind + (got.cache === undefined ? "" : `, ${got.cache === "miss" ? "of a model" : "from the cache"}`);
    const result = kinds.get(kind) ?? { latencies: [], refused: {}, failed: {} };
    kinds.set(kind, result);
    if (outcome === "answered") {
      const latency = performance.now() - since;
      now.latencies.push(latency);
      result.latencies.push(latency);
    } else {
      result[outcome][got.reason] = (result[outcome][got.reason] ?? 0) + 1;
    }
    return got;
  }
}

type Counts = Record<string, number>;

function newSecond() {
  return { counts: { answered: 0, refused: 0, failed: 0 }, latencies: [] as number[] };
}

/** An answer, or why there is none: then the status is 0. */
interface Exchanged extends Answer {
  /** Of an answer that is not a success: status and code. */
  readonly reason: string;
  /** The edge cache's word on where it comes from. */
  readonly cache?: string | undefined;
  /** It names a time after which to come again. */
  readonly retryAfter: boolean;
}

function outcomeOf({ status, retryAfter }: Exchanged): Outcome {
  if (status >= 200 && status < 400) return "answered";
  return status === 429 || (status === 503 && retryAfter) ? "refused" : "failed";
}

function exchange(agent: Agent, { url, apiKey }: CalledTemplate, ask: Ask, timeout: number): Promise<Exchanged> {
  const body = ask.body === undefined ? undefined : JSON.stringify(ask.body);
  const headers = {
    authorization: `Bearer ${apiKey}`,
    ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((resolve) => {
    let gaveUp = false;
    const none = (error: NodeJS.ErrnoException) => {
      clearTimeout(patience);
      const reason = gaveUp ? `no answer within ${timeout / 1000} s` : (error.code ?? error.message);
      resolve({ status: 0, text: "", reason, retryAfter: false });
    };
    const outgoing: ClientRequest = request(new URL(ask.path, url), { agent, method: ask.method, headers });
    const patience = setTimeout(() => {
      gaveUp = true;
      outgoing.destroy();
    }, timeout);
    outgoing.on("error", none);
    outgoing.on("response", (incoming) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("error", none);
      incoming.on("end", () => {
        clearTimeout(patience);
        const text = Buffer.concat(parts).toString();
        const status = incoming.statusCode ?? 0;
        const ok = status < 400;
        const cache = ok ? incoming.headers["x-cache"] : undefined;
        resolve({
          status,
          text,
          reason: ok ? "" : `HTTP ${status}${codeOf(text)}`,
          retryAfter: incoming.headers["retry-after"] !== undefined,
          ...(typeof cache === "string" && { cache }),
        });
      });
    });
    outgoing.end(body);
  });
}

/** The code in a problem, in OpenAI's error object, or of the front door's page. */
function codeOf(text: string): string {
  const code = /"code":\s*"?([\w-]+)/.exec(text)?.[1] ?? /^error code: (\d+)/.exec(text)?.[1];
  return code === undefined ? "" : ` ${code}`;
}

const port = parentPort;
if (port) await call(workerData as CallersTask, (message) => port.postMessage(message)); // set by ./run-load.ts
