import { atRate, capacity, type Latency, startThread } from "../load/drive.ts";
import { freePort } from "../load/free-port.ts";
import type { Shot } from "../load/open-loop.ts";
import type { OwnCloud } from "../load/own-cloud.ts";
import { startPortkey } from "../load/portkey.ts";
import { startScript } from "../load/start-script.ts";
import { whileAwake } from "../load/while-awake.ts";
import type { Measure } from "../run.ts";
import { perSecond, spread } from "../statistics.ts";

const ROUNDS = 3;
const SECONDS = 5;
/** More and shorter ones: a moment that the machine takes for itself makes the 99th percentile of its whole round. */
const LATENCY_ROUNDS = 9;
const LATENCY_SECONDS = 2;
/** Until the compiler has seen enough: the first seconds of either gateway are half as fast. */
const WARM_UP = 10;
const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";

/**
 * What the local AI Gateway costs between a caller and an OpenAI-compatible server: capacity with logging on, and what
 * it adds at half of it. Beside it Portkey's open-source gateway and the least that a proxy in Node can cost, in front of the
 * same server. All three are processes of their own.
 */
export async function aiGateway(): Promise<Measure[]> {
  const upstream = await startThread(new URL("../load/chat-upstream.ts", import.meta.url));
  const upstreamUrl = `http://127.0.0.1:${upstream.port}/v1`;
  const bare = await startScript<number>("./bare-proxy.ts", `${upstreamUrl}/chat/completions`);
  const cloud = await startScript<OwnCloud>("./own-cloud.ts", upstreamUrl);
  const portkeyPort = await freePort();
  const portkey = await startPortkey(portkeyPort);
  try {
    const direct = shot(`${upstreamUrl}/chat/completions`, "bench", {});
    const ours = shot(await makeGateway(cloud.said), MODEL, { "cf-aig-authorization": `Bearer ${cloud.said.token}` });
    const theirs = shot(`http://127.0.0.1:${portkeyPort}/v1/chat/completions`, "bench", {
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": upstreamUrl,
      authorization: "Bearer none",
    });
    const least = shot(`http://127.0.0.1:${bare.said}/`, "bench", {});
    const servers = { direct, least, ours, theirs };
    for (const each of Object.values(servers)) await capacity(each, WARM_UP);
    const able = await capacities(servers);
    const rates = { ours: halfOf(able.ours), theirs: halfOf(able.theirs) };
    const asItIs = await latencies(servers, rates);
    const awake = await whileAwake(() => latencies(servers, rates));
    const row = (circumstances: string, at: Latencies): Measure => ({
      what: `AI Gateway, added at half of its capacity, open loop, ${circumstances}`,
      figure: `${added(at.ours, at.direct)} at ${rates.ours} req/s (bound: 1 and 5 ms)`,
      against: `a bare node:http proxy ${added(at.least, at.direct)}; Portkey's gateway ${added(at.theirs, at.directSlow)} at ${rates.theirs} req/s`,
    });
    return [
      {
        what: "AI Gateway with logging on, requests a second, 50 connections",
        figure: `${perSecond(able.ours)} (bound: 3,000)`,
        against: `Portkey's gateway ${perSecond(able.theirs)}; a bare node:http proxy ${perSecond(able.least)}; the upstream itself ${perSecond(able.direct)}`,
      },
      row("idle processors go back to the host", asItIs),
      ...(awake ? [row("processors kept awake", awake)] : []),
    ];
  } finally {
    portkey.kill();
    await cloud.end();
    await bare.end();
    await upstream.end();
  }
}

/** Requests to each of the servers. */
interface Servers {
  readonly direct: Shot;
  readonly least: Shot;
  readonly ours: Shot;
  readonly theirs: Shot;
}

async function capacities({ direct, least, ours, theirs }: Servers): Promise<Record<keyof Servers, number[]>> {
  const able = { direct: [] as number[], least: [] as number[], ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    able.direct.push(await capacity(direct, SECONDS));
    able.least.push(await capacity(least, SECONDS));
    able.ours.push(await capacity(ours, SECONDS));
    able.theirs.push(await capacity(theirs, SECONDS));
  }
  return able;
}

const halfOf = (able: readonly number[]) => Math.round(spread(able).median / 2);

/** By server; `directSlow` is the upstream at Portkey's rate. One for each round. */
type Latencies = Record<keyof Servers | "directSlow", Latency[]>;

async function latencies(
  { direct, least, ours, theirs }: Servers,
  rates: { readonly ours: number; readonly theirs: number },
): Promise<Latencies> {
  const at: Latencies = { direct: [], least: [], ours: [], directSlow: [], theirs: [] };
  for (let round = 0; round < LATENCY_ROUNDS; round++) {
    at.direct.push(await atRate(direct, rates.ours, LATENCY_SECONDS));
    at.least.push(await atRate(least, rates.ours, LATENCY_SECONDS));
    at.ours.push(await atRate(ours, rates.ours, LATENCY_SECONDS));
    at.directSlow.push(await atRate(direct, rates.theirs, LATENCY_SECONDS));
    at.theirs.push(await atRate(theirs, rates.theirs, LATENCY_SECONDS));
  }
  return at;
}

function shot(url: string, model: string, headers: Record<string, string>): Shot {
  return {
    url,
    headers,
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Say something about a fox." }] }),
  };
}

/** Answers the address of its OpenAI-compatible endpoint. */
async function makeGateway({ url, apiUrl, token, accountId }: OwnCloud): Promise<string> {
  const response = await fetch(`${apiUrl}/accounts/${accountId}/ai-gateway/gateways`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({
      id: "bench",
      cache_invalidate_on_update: false,
      cache_ttl: 0,
      collect_logs: true,
      rate_limiting_interval: 0,
      rate_limiting_limit: 0,
      authentication: true,
    }),
  });
  if (!response.ok) throw new Error(`the gateway: ${response.status} ${await response.text()}`);
  return `${url}/v1/${accountId}/bench/workers-ai/v1/chat/completions`;
}

function added(through: readonly Latency[], direct: readonly Latency[]): string {
  const median = (of: readonly Latency[], name: keyof Latency) => spread(of.map((each) => each[name])).median;
  const more = (name: keyof Latency) => (median(through, name) - median(direct, name)).toFixed(2);
  const best = Math.min(...through.map((each, round) => each.p99 - (direct[round]?.p99 ?? 0)));
  return `p50 ${more("p50")} ms, p99 ${more("p99")} ms (${best.toFixed(2)} in the calmest of ${through.length} rounds)`;
}
