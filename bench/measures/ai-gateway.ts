import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";
import { atRate, capacity, type Latency, startThread } from "../load/drive.ts";
import { freePort } from "../load/free-port.ts";
import type { Shot } from "../load/open-loop.ts";
import { startPortkey } from "../load/portkey.ts";
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
 * same server.
 */
export async function aiGateway(): Promise<Measure[]> {
  const upstream = await startThread(new URL("../load/chat-upstream.ts", import.meta.url));
  const upstreamUrl = `http://127.0.0.1:${upstream.port}/v1`;
  const bare = await startThread(new URL("../load/bare-proxy.ts", import.meta.url), `${upstreamUrl}/chat/completions`);
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const cloud = await createCloud({ directory, port: 0, upstreamUrl });
  const portkeyPort = await freePort();
  const portkey = await startPortkey(portkeyPort);
  try {
    const direct = shot(`${upstreamUrl}/chat/completions`, "bench", {});
    const ours = shot(await makeGateway(cloud), MODEL, { "cf-aig-authorization": `Bearer ${cloud.token}` });
    const theirs = shot(`http://127.0.0.1:${portkeyPort}/v1/chat/completions`, "bench", {
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": upstreamUrl,
      authorization: "Bearer none",
    });
    const least = shot(`http://127.0.0.1:${bare.port}/`, "bench", {});
    const able = { direct: [] as number[], least: [] as number[], ours: [] as number[], theirs: [] as number[] };
    for (const warmUp of [direct, least, ours, theirs]) await capacity(warmUp, WARM_UP);
    for (let round = 0; round < ROUNDS; round++) {
      able.direct.push(await capacity(direct, SECONDS));
      able.least.push(await capacity(least, SECONDS));
      able.ours.push(await capacity(ours, SECONDS));
      able.theirs.push(await capacity(theirs, SECONDS));
    }
    const at = {
      direct: [] as Latency[],
      least: [] as Latency[],
      ours: [] as Latency[],
      directSlow: [] as Latency[],
      theirs: [] as Latency[],
    };
    const rate = Math.round(spread(able.ours).median / 2);
    const theirRate = Math.round(spread(able.theirs).median / 2);
    for (let round = 0; round < LATENCY_ROUNDS; round++) {
      at.direct.push(await atRate(direct, rate, LATENCY_SECONDS));
      at.least.push(await atRate(least, rate, LATENCY_SECONDS));
      at.ours.push(await atRate(ours, rate, LATENCY_SECONDS));
      at.directSlow.push(await atRate(direct, theirRate, LATENCY_SECONDS));
      at.theirs.push(await atRate(theirs, theirRate, LATENCY_SECONDS));
    }
    return [
      {
        what: "AI Gateway with logging on, requests a second, 50 connections",
        figure: `${perSecond(able.ours)} (bound: 3,000)`,
        against: `Portkey's gateway ${perSecond(able.theirs)}; a bare node:http proxy ${perSecond(able.least)}; the upstream itself ${perSecond(able.direct)}`,
      },
      {
        what: "AI Gateway, added at half of its capacity, open loop",
        figure: `${added(at.ours, at.direct)} at ${rate} req/s (bound: 1 and 5 ms)`,
        against: `a bare node:http proxy ${added(at.least, at.direct)}; Portkey's gateway ${added(at.theirs, at.directSlow)} at ${theirRate} req/s`,
      },
    ];
  } finally {
    portkey.kill();
    await cloud.close();
    await bare.end();
    await upstream.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

function shot(url: string, model: string, headers: Record<string, string>): Shot {
  return {
    url,
    headers,
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Say something about a fox." }] }),
  };
}

/** Answers the address of its OpenAI-compatible endpoint. */
async function makeGateway(cloud: Awaited<ReturnType<typeof createCloud>>): Promise<string> {
  const account = cloud.account({ name: "bench", plan: "paid" });
  const response = await fetch(`${cloud.apiUrl}/accounts/${account.id}/ai-gateway/gateways`, {
    method: "POST",
    headers: { authorization: `Bearer ${cloud.token}` },
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
  return `${cloud.url}/v1/${account.id}/bench/workers-ai/v1/chat/completions`;
}

function added(through: readonly Latency[], direct: readonly Latency[]): string {
  const median = (of: readonly Latency[], name: keyof Latency) => spread(of.map((each) => each[name])).median;
  const more = (name: keyof Latency) => (median(through, name) - median(direct, name)).toFixed(2);
  const best = Math.min(...through.map((each, round) => each.p99 - (direct[round]?.p99 ?? 0)));
  return `p50 ${more("p50")} ms, p99 ${more("p99")} ms (${best.toFixed(2)} in the calmest of ${through.length} rounds)`;
}
