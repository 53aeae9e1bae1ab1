import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { Checkout, type Running, waitFor } from "@tenner/cli/testing";
import { startCompressingProxy } from "../load/compressing-proxy.ts";
import { firstBytes } from "../load/first-byte.ts";
import { freePort } from "../load/free-port.ts";
import { lighthouse, type Scores } from "../load/lighthouse.ts";
import { startWranglerDev, type WranglerDev } from "../load/wrangler-dev.ts";
import type { Measure } from "../run.ts";
import { spread } from "../statistics.ts";

const ROUNDS = 5;
/** Requests for each page, and for the kept valuation, in a round. */
const REQUESTS = 60;
const WARM_UP = 30;
/** @see https://github.com/GoogleChrome/lighthouse/blob/main/docs/variability.md */
const LOOKS = 3;
const THING = { description: "1967 Fender Jazz Bass, sunburst, all original", category: "instrument" };

/** The app somewhere: where its pages are, whose history is shown, and what its Worker wrote. */
interface Place {
  readonly url: string;
  readonly cookie: string;
  /** Pages by what they are called in the table. */
  readonly pages: Readonly<Record<string, string>>;
  /** Lines that the Worker wrote since this was asked last. */
  readonly lines: () => Promise<readonly string[]>;
}

/**
 * The valuation app as its visitor has it: deployed by the program, in the local cloud, through its front door. Beside it
 * the same bundle under `wrangler dev --local`.
 */
export async function valuationApp(): Promise<Measure[]> {
  const checkout = new Checkout();
  const folder = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const template = checkout.file("templates/valuation-app");
  let running: Running | undefined;
  let wrangler: WranglerDev | undefined;
  try {
    running = await startStack(checkout);
    const ours = await cloudPlace(running);
    const kept = await keptAnswer(running);
    wrangler = await startWranglerDev(template, folder, await freePort(), [{ binding: "ANSWERS", ...kept }]);
    const theirs = await wranglerPlace(wrangler);
    return [
      ...(await pageRows(ours, theirs)),
      await keptRow(ours, theirs),
      await scriptRow(ours),
      workerRow(template),
      ...(await lighthouseRows(ours)),
    ];
  } finally {
    await wrangler?.end();
    await running?.end();
    rmSync(folder, { recursive: true, force: true });
    checkout.remove();
  }
}

async function startStack(checkout: Checkout): Promise<Running> {
  // What is measured is not the limits.
  const settings = { templates: ["valuation-app"], valuation: { submissionsPerMinute: 10_000 } };
  const set = await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
  if (set.code !== 0) throw new Error(set.stderr);
  return checkout.start("--no-watch", "--no-sample");
}

async function cloudPlace({ outputs: { cloud, templates } }: Running): Promise<Place> {
  const { url = "" } = templates["valuation-app"] ?? {};
  let last = 0;
  const lines = async () => {
    const headers = { authorization: `Bearer ${cloud.apiToken}` };
    const response = await fetch(`${cloud.url}/_local/activity?after=${last}`, { headers });
    const { activities } = (await response.json()) as {
      activities: { id: number; type: string; message?: string }[];
    }; // the local cloud's own
    last = activities.at(-1)?.id ?? last;
    return activities.flatMap(({ type, message }) => (type === "log" && message !== undefined ? [message] : []));
  };
  return { ...(await visit(url)), lines };
}

async function wranglerPlace({ url, printed }: WranglerDev): Promise<Place> {
  let read = 0;
  const lines = () => {
    const text = printed().slice(read);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    read += whole.length;
    return Promise.resolve(whole.split("\n"));
  };
  return { ...(await visit(url)), lines };
}

/** A visitor's first valuation. */
async function visit(url: string): Promise<Pick<Place, "url" | "cookie" | "pages">> {
  const response = await submit(url, {});
  const answer = response.headers.get("location") ?? "";
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { url, cookie, pages: { "/": "/", "a valuation": answer, history: "/history", "/how": "/how" } };
}

/** Sends the form as a browser without a script does. */
async function submit(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: new URLSearchParams(THING),
    redirect: "manual",
  });
  if (response.status !== 303) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  return response;
}

/** The stand-in's answer, as it lies in the local cloud's KV: wrangler asks no model without an account. */
async function keptAnswer({ outputs: { cloud, templates } }: Running): Promise<{ key: string; value: string }> {
  const { url, apiKey } = templates["valuation-app"] ?? { url: "", apiKey: "" };
  const response = await fetch(`${url}/v1/valuations`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(THING),
  });
  const { fingerprint } = (await response.json()) as { fingerprint: string }; // the app's own
  const key = `answer:1:${fingerprint}`;
  const account = `${cloud.url}/client/v4/accounts/${cloud.accountId}/storage/kv/namespaces`;
  const headers = { authorization: `Bearer ${cloud.apiToken}` };
  const { result } = (await (await fetch(account, { headers })).json()) as { result: { id: string; title: string }[] }; // Cloudflare's envelope
  const namespace = result.find(({ title }) => title.endsWith("valuation-app-answers"));
  const value = await fetch(`${account}/${namespace?.id}/values/${encodeURIComponent(key)}`, { headers });
  if (!value.ok) throw new Error(`no answer is kept: HTTP ${value.status}`);
  return { key, value: await value.text() };
}

async function pageRows(ours: Place, theirs: Place): Promise<Measure[]> {
  const found = new Map<Place, Record<string, number[]>>([
    [ours, {}],
    [theirs, {}],
  ]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [{ url, cookie, pages }, times] of found) {
      for (const [name, page] of Object.entries(pages)) {
        const taken = await firstBytes(url + page, { cookie }, round === 0 ? WARM_UP : REQUESTS);
        if (round > 0) times[name] = [...(times[name] ?? []), ...taken];
      }
    }
  }
  return Object.keys(ours.pages).map((name) => ({
    what: `valuation app, first byte of ${name}, rendered in the Worker`,
    figure: `${timesOf(found.get(ours)?.[name] ?? [])} (bound: p95 30 ms)`,
    against: `\`wrangler dev --local\` ${timesOf(found.get(theirs)?.[name] ?? [])}`,
  }));
}

async function keptRow(ours: Place, theirs: Place): Promise<Measure> {
  const found = new Map<Place, { inside: number[]; outside: number[] }>([
    [ours, { inside: [], outside: [] }],
    [theirs, { inside: [], outside: [] }],
  ]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [place, { inside, outside }] of found) {
      const { taken, waited } = await keptTimes(place);
      if (round === 0) continue;
      inside.push(...taken);
      outside.push(...waited);
    }
  }
  const text = (place: Place) => {
    const { inside, outside } = found.get(place) ?? { inside: [], outside: [] };
    return `${timesOf(inside)}; to the browser ${timesOf(outside)}`;
  };
  return {
    what: "valuation app, a kept valuation, from the form to its record in D1, inside the Worker",
    figure: `${text(ours)} (bound: p50 under 5 ms)`,
    against: `\`wrangler dev --local\` ${text(theirs)}`,
  };
}

/** Sends the same thing again and again. What it took inside the Worker is what the Worker wrote of it. */
async function keptTimes({ url, cookie, lines }: Place): Promise<{ taken: number[]; waited: number[] }> {
  await lines();
  const waited: number[] = [];
  for (let sent = 0; sent < REQUESTS; sent++) {
    const began = performance.now();
    const response = await submit(url, { cookie });
    waited.push(performance.now() - began);
    await response.arrayBuffer();
  }
  const taken: number[] = [];
  await waitFor(async () => {
    for (const line of await lines()) {
      const said = lineOf(line);
      if (said.event === "request" && said.method === "POST" && said.status === 303) taken.push(said.ms ?? Number.NaN);
    }
    return taken.length >= REQUESTS;
  });
  return { taken, waited };
}

/** A line as the templates write it, or nothing of it. */
function lineOf(line: string): { event?: string; method?: string; status?: number; ms?: number } {
  try {
    return JSON.parse(line) as { event?: string }; // the template's own
  } catch {
    return {};
  }
}

/** What the first page's scripts weigh: those in its head, and what they import at once. */
async function scriptRow({ url }: Place): Promise<Measure> {
  const html = await (await fetch(url)).text();
  const named = [...html.matchAll(/"(\/assets\/[^"]+\.js)"/g)].map(([, file]) => file);
  const files = new Set<string>();
  let bytes = 0;
  for (const file of named) await weigh(file ?? "");
  async function weigh(file: string): Promise<void> {
    if (file === "" || files.has(file)) return;
    files.add(file);
    const code = await (await fetch(new URL(file, url))).text();
    bytes += gzipSync(code).byteLength;
    for (const [, next] of code.matchAll(/(?:\bfrom|\bimport)\s*"(\.\/[^"]+\.js)"/g)) {
      await weigh(new URL(next ?? "", new URL(file, url)).pathname);
    }
  }
  if (files.size === 0) throw new Error("the first page has no script");
  return {
    what: `valuation app, JavaScript of the first page, gzip, ${files.size} files`,
    figure: `${(bytes / 1000).toFixed(1)} KB`,
    against: "bound: 140 KB",
  };
}

function workerRow(template: string): Measure {
  const bytes = gzipSync(readFileSync(path.join(template, "dist/server/index.js"))).byteLength;
  return {
    what: "valuation app, the Worker, gzip",
    figure: `${(bytes / 1e6).toFixed(2)} MB`,
    against: "bound: 3 MB, the free plan's",
  };
}

/** One look depends on what else the machine does: the middle of several, as Lighthouse's authors advise. */
async function lighthouseRows({ url, cookie, pages }: Place): Promise<Measure[]> {
  const edge = await startCompressingProxy(url);
  const looks = new Map<string, Scores[]>(Object.keys(pages).map((name) => [name, []]));
  const hidden = new Set<string>();
  for (let round = 0; round < LOOKS; round++) {
    for (const [name, page] of Object.entries(pages)) {
      // What somebody had appraised is no search engine's business, which costs the page its points for that.
      if (/<meta name="robots" content="noindex"/.test(await (await fetch(url + page)).text())) hidden.add(name);
      const scores = await lighthouse(edge.url + page, cookie, hidden.has(name) ? ["is-crawlable"] : []);
      if (scores) looks.get(name)?.push(scores);
    }
  }
  edge.end();
  return [...looks].map(([name, scores]) => {
    for (const complaint of scores.at(-1)?.complaints ?? []) process.stderr.write(`  ${name}: ${complaint}\n`);
    return {
      what: `valuation app, Lighthouse of ${name}, the middle of ${LOOKS} looks, on its slow phone, compressed as at Cloudflare's edge${hidden.has(name) ? "; kept from search engines on purpose, that audit left out" : ""}`,
      figure: scores.length > 0 ? middleOf(scores) : "not measured: no Chromium here",
      against: "bound: 95 each",
    };
  });
}

/** `Performance 97 (91 to 99), SEO 100`. */
function middleOf(looks: readonly Scores[]): string {
  return Object.keys(looks[0]?.points ?? {})
    .map((category) => {
      const { median, min, max } = spread(looks.map((scores) => scores.points[category] ?? Number.NaN));
      return `${category} ${median}${min === max ? "" : ` (${min} to ${max})`}`;
    })
    .join(", ");
}

/** `p50 3.1 ms, p95 4.2 ms` */
function timesOf(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}
