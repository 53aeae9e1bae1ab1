import { request } from "node:http";
import { Checkout, type Running } from "@tenner/cli/testing";
import { questionsOfDay } from "../load/day-of-questions.ts";
import { closedLoop, type Latency, startThread } from "../load/drive.ts";
import { freePort } from "../load/free-port.ts";
import { LITELLM_KEY, startLiteLlm } from "../load/litellm.ts";
import type { Shot } from "../load/open-loop.ts";
import { startPortkey } from "../load/portkey.ts";
import type { Measure } from "../run.ts";
import { spread } from "../statistics.ts";

const ROUNDS = 3;
const SECONDS = 3;
const WARM_UP = 2;
/** Callers of the same question at the same moment, and how long its answer takes. */
const CALLERS = 1_000;
const ANSWER_MS = 2_000;
/** Callers that the local cloud holds at once. */
const STORM = 10_000;
const STORM_QUESTIONS = 100;
const DAY = 50_000;
/** Requests of the day that are sent past the cache, to know what the day costs without it. */
const SAMPLE = 1_000;
/** Requests of the day under way at once. */
const LANES = 64;

/** A gateway under test. */
interface Gateway {
  readonly name: string;
  /** A request that wants no kept answer. */
  readonly fresh: Shot;
  /** A request that was answered before. */
  readonly repeated: Shot;
}

/**
 * The edge cache as its user has it: deployed by the program, in the local cloud, through its front door. Beside it
 * Portkey's open-source gateway and, where it is installed, LiteLLM's proxy, in front of the same server.
 */
export async function edgeCache(): Promise<Measure[]> {
  const upstream = await startThread(new URL("../load/counted-upstream.ts", import.meta.url));
  const upstreamUrl = `http://127.0.0.1:${upstream.port}`;
  const checkout = new Checkout();
  const [portkeyPort, liteLlmPort] = [await freePort(), await freePort()];
  const portkey = await startPortkey(portkeyPort);
  const liteLlm = await startLiteLlm(liteLlmPort, `${upstreamUrl}/v1`);
  let running: Running | undefined;
  try {
    running = await startStack(checkout, `${upstreamUrl}/v1`);
    const gateways: Gateway[] = [ours(running)];
    const portkeyHeaders = {
      authorization: "Bearer none",
      "x-portkey-config": JSON.stringify({
        provider: "openai",
        custom_host: `${upstreamUrl}/v1`,
        cache: { mode: "simple" },
      }),
    };
    gateways.push(peer("Portkey's gateway", portkeyPort, portkeyHeaders, {}));
    const noCache = { cache: { "no-cache": true, "no-store": true } };
    if (liteLlm) gateways.push(peer("LiteLLM", liteLlmPort, { authorization: `Bearer ${LITELLM_KEY}` }, noCache));
    return [
      ...(await rates(gateways)),
      await coalesced(gateways, upstreamUrl),
      await storm(ours(running)),
      await day(ours(running), upstreamUrl),
    ];
  } finally {
    await running?.end();
    portkey.kill();
    liteLlm?.kill();
    checkout.remove();
    await upstream.end();
  }
}

async function startStack(checkout: Checkout, upstreamUrl: string): Promise<Running> {
  const settings = {
    templates: ["edge-cache"],
    budget: { monthlyUsd: 100_000 },
    // What is measured is not the limits; the gateway's own cache would hide what ours does.
    limits: { requestsPerMinute: 1_000_000 },
    aiGateway: { requestsPerMinute: 1_000_000, cacheTtlSeconds: 0 },
  };
  const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
  if (set.code !== 0) throw new Error(set.stderr);
  const before = process.env["TENNER_UPSTREAM_URL"];
  process.env["TENNER_UPSTREAM_URL"] = upstreamUrl;
  try {
    return await checkout.start("--no-watch", "--no-sample");
  } finally {
    if (before === undefined) delete process.env["TENNER_UPSTREAM_URL"];
    else process.env["TENNER_UPSTREAM_URL"] = before;
  }
}

function ours({ outputs }: Running): Gateway {
  const template = outputs.templates["edge-cache"];
  if (!template) throw new Error("edge-cache is not deployed");
  const headers = { authorization: `Bearer ${template.apiKey}` };
  const url = `${template.url}/v1/chat/completions`;
  return {
    name: "edge-cache",
    fresh: { url, headers: { ...headers, "cache-control": "no-store" }, body: question("auto", "a fox") },
    repeated: { url, headers, body: question("auto", "a fox") },
  };
}

function peer(name: string, port: number, headers: Readonly<Record<string, string>>, past: object): Gateway {
  const url = `http://127.0.0.1:${port}/v1/chat/completions`;
  return {
    name,
    fresh: { url, headers, body: question("bench", "a fox", past) },
    repeated: { url, headers, body: question("bench", "a fox") },
  };
}

function question(model: string, about: string, more: object = {}): string {
  return JSON.stringify({ model, messages: [{ role: "user", content: `Say something about ${about}.` }], ...more });
}

/** What each gateway takes of fresh and of repeated requests, and what one caller waits for a hit. */
async function rates(gateways: readonly Gateway[]): Promise<Measure[]> {
  const found = new Map(
    gateways.map(({ name }) => [name, { fresh: [] as Load[], repeated: [] as Load[], alone: [] as Load[] }]),
  );
  for (const { fresh, repeated } of gateways) {
    await closedLoop(fresh, 50, WARM_UP);
    await closedLoop(repeated, 50, WARM_UP);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, fresh, repeated } of gateways) {
      found.get(name)?.fresh.push(await closedLoop(fresh, 50, SECONDS));
      found.get(name)?.repeated.push(await closedLoop(repeated, 50, SECONDS));
      found.get(name)?.alone.push(await closedLoop(repeated, 1, SECONDS));
    }
  }
  const [own, ...peers] = gateways.map(({ name }) => name);
  const row = (what: string, kind: "fresh" | "repeated" | "alone", bound: string): Measure => ({
    what,
    figure: `${textOf(found.get(own ?? "")?.[kind] ?? [])}${bound}`,
    against: peers.map((name) => `${name} ${textOf(found.get(name)?.[kind] ?? [])}`).join("; "),
  });
  return [
    row("edge cache, past the cache, 50 connections", "fresh", ""),
    row(
      "edge cache, exact hits, 50 connections (Portkey's npm build has its cache compiled out: it asks the server)",
      "repeated",
      " (bound: 3 × Portkey)",
    ),
    row("edge cache, exact hits, one connection", "alone", " (bound: p50 5 ms)"),
  ];
}

type Load = Latency & { readonly perSecond: number };

function textOf(loads: readonly Load[]): string {
  const { median, min, max } = spread(loads.map(({ perSecond }) => perSecond));
  const at = (which: "p50" | "p99") => spread(loads.map((load) => load[which])).median;
  return `${Math.round(median)} req/s (${Math.round(min)}–${Math.round(max)}), p50 ${at("p50")} ms, p99 ${at("p99")} ms`;
}

/** Upstream calls for a question that many ask at once. */
async function coalesced(gateways: readonly Gateway[], upstreamUrl: string): Promise<Measure> {
  await fetch(`${upstreamUrl}/delay/${ANSWER_MS}`, { method: "POST" });
  const texts: string[] = [];
  for (const { name, repeated } of gateways) {
    await calls(upstreamUrl);
    const shot = { ...repeated, body: repeated.body.replace("a fox", `coalescing ${Date.now()}`) };
    const began = performance.now();
    const { statuses } = await all(shot, CALLERS);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    texts.push(
      `${name} ${await calls(upstreamUrl)} calls, ${seconds} s, ${statuses.get(200) ?? 0} of ${CALLERS} answered`,
    );
  }
  await fetch(`${upstreamUrl}/delay/0`, { method: "POST" });
  const [own = "", ...others] = texts;
  return {
    what: `edge cache, ${CALLERS} identical misses at once, an answer takes ${ANSWER_MS / 1000} s`,
    figure: own,
    against: others.join("; "),
  };
}

/** Many callers at once, nine of ten with a question that is kept. */
async function storm({ repeated }: Gateway): Promise<Measure> {
  const bodies = Array.from({ length: STORM_QUESTIONS }, (_, number) => repeated.body.replace("a fox", `no ${number}`));
  for (const body of bodies) await all({ ...repeated, body }, 1);
  const began = performance.now();
  const { statuses, latencies } = await all(repeated, STORM, (number) =>
    number % 10 === 0
      ? repeated.body.replace("a fox", `storm ${Math.floor(number / 100)}`)
      : (bodies[number % STORM_QUESTIONS] ?? repeated.body),
  );
  const seconds = (performance.now() - began) / 1000;
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => ((sorted[Math.floor(sorted.length * share)] ?? Number.NaN) / 1000).toFixed(1);
  return {
    what: `edge cache, ${STORM} requests at the same moment, nine of ten kept`,
    figure: `${[...statuses].map(([status, count]) => `${count} × ${status}`).join(", ")}, all in ${seconds.toFixed(1)} s, p50 ${at(0.5)} s, p99 ${at(0.99)} s`,
    against: "bound: nothing but 200 and honest 429",
  };
}

/** What a day of questions costs, with the cache and without. */
async function day(gateway: Gateway, upstreamUrl: string): Promise<Measure> {
  const questions = questionsOfDay(DAY);
  await calls(upstreamUrl);
  const began = performance.now();
  const kept = await replay(gateway.repeated, questions);
  const minutes = (performance.now() - began) / 60_000;
  const asked = await calls(upstreamUrl);
  const sample = questions.filter((_, place) => place % Math.floor(DAY / SAMPLE) === 0);
  const past = await replay({ ...gateway.fresh, body: gateway.repeated.body }, sample);
  const without = (past.usd / sample.length) * DAY;
  const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
  const outcomes = [...kept.outcomes].map(([name, count]) => `${name} ${share(count, DAY)}`).join(", ");
  return {
    what: `edge cache, a day of ${DAY} requests, 62 % asked before, of those one in ten in other letters; 600 + 400 tokens each`,
    figure: `$${kept.usd.toFixed(2)} in ${asked} calls (${outcomes}), replayed in ${minutes.toFixed(1)} min`,
    against: `without the cache $${without.toFixed(2)} (${sample.length} of them sent past it); saved ${share(without - kept.usd, without)}; repeats word for word are ${share(wordForWord(questions), DAY)}`,
  };
}

function wordForWord(questions: readonly string[]): number {
  return questions.length - new Set(questions).size;
}

/** Sends the questions in their order, some at a time. */
async function replay(shot: Shot, questions: readonly string[]) {
  const outcomes = new Map<string, number>();
  let usd = 0;
  const coming = questions.values();
  const lane = async () => {
    for (const text of coming) {
      const body = question("auto", text);
      const response = await fetch(shot.url, {
        method: "POST",
        headers: { ...shot.headers, "content-type": "application/json" },
        body,
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
      const outcome = response.headers.get("x-cache") ?? "?";
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      usd += Number(response.headers.get("x-cost-usd"));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { outcomes, usd };
}

/** Sends so many requests at once, each on a connection of its own. */
async function all(shot: Shot, count: number, body: (number: number) => string = () => shot.body) {
  const statuses = new Map<number | string, number>();
  const latencies: number[] = [];
  await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const began = performance.now();
      const status = await post(shot, body(number)).catch(
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      latencies.push(performance.now() - began);
    }),
  );
  return { statuses, latencies };
}

/** A kept-alive connection may be closed by the other side just as it is used again: here each is new. */
function post({ url, headers }: Shot, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request(url, { agent: false, method: "POST", headers: { ...headers, ...length } });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      incoming.on("error", reject);
      incoming.on("end", () => resolve(incoming.statusCode ?? 0));
      incoming.resume();
    });
    outgoing.end(body);
  });
}

/** Upstream calls since this was asked last. */
async function calls(upstreamUrl: string): Promise<number> {
  return (await (await fetch(`${upstreamUrl}/calls`)).json()) as number; // its only answer
}
