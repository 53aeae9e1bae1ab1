import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PlanLimits } from "@tenner/local-cloud/plan";
import { parse } from "jsonc-parser";
import * as z from "zod";
import type { Project } from "../project.ts";

/** How many of each an account has, may have, or a stack needs: what Cloudflare limits. */
export type Counts = Omit<PlanLimits, "plan" | "scriptGzipBytes" | "assetFiles">;

/** What of wrangler.jsonc becomes a resource of its own. */
const Configuration = z.looseObject({
  d1_databases: z.array(z.looseObject({ binding: z.string() })).default([]),
  kv_namespaces: z.array(z.unknown()).default([]),
  r2_buckets: z.array(z.unknown()).default([]),
  vectorize: z.array(z.unknown()).default([]),
  queues: z
    .looseObject({
      producers: z.array(z.looseObject({ queue: z.string() })).default([]),
      consumers: z.array(z.looseObject({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
    })
    .prefault({}),
  triggers: z.looseObject({ crons: z.array(z.string()).default([]) }).prefault({}),
});

/** Names of the counts as people say them. */
const COUNTED: Readonly<Record<keyof Counts, string>> = {
  scripts: "Workers",
  cronTriggers: "cron triggers",
  d1Databases: "D1 databases",
  kvNamespaces: "KV namespaces",
  r2Buckets: "R2 buckets",
  queues: "queues",
  aiGateways: "AI gateways",
  vectorizeIndexes: "Vectorize indexes",
};

/** One gateway, and one database for the ledger. */
const SHARED: Counts = { ...none(), aiGateways: 1, d1Databases: 1 };

/** What a stack with these templates makes, by their wrangler.jsonc: the program makes a resource for each binding there. */
export async function needsOf(project: Project, templates: readonly string[]): Promise<Counts> {
  let needs = SHARED;
  for (const template of templates) {
    const file = path.join(project.root, "templates", template, "wrangler.jsonc");
    const found = Configuration.parse(parse(await readFile(file, "utf8")));
    const { producers, consumers } = found.queues;
    const queues = new Set([
      ...producers.map(({ queue }) => queue),
      ...consumers.flatMap(({ queue, dead_letter_queue }) => [
        queue,
        ...(dead_letter_queue ? [dead_letter_queue] : []),
      ]),
    ]);
    needs = add(needs, {
      scripts: 1,
      cronTriggers: found.triggers.crons.length,
      d1Databases: found.d1_databases.filter(({ binding }) => binding !== "LEDGER").length,
      kvNamespaces: found.kv_namespaces.length,
      r2Buckets: found.r2_buckets.length,
      queues: queues.size,
      aiGateways: 0,
      vectorizeIndexes: found.vectorize.length,
    });
  }
  return needs;
}

/** Nothing of anything. */
export function none(): Counts {
  return {
    scripts: 0,
    cronTriggers: 0,
    d1Databases: 0,
    kvNamespaces: 0,
    r2Buckets: 0,
    queues: 0,
    aiGateways: 0,
    vectorizeIndexes: 0,
  };
}

/** Both together. */
export function add(one: Counts, other: Counts): Counts {
  return mapCounts((name) => one[name] + other[name]);
}

/** Why there is no room, a line for each product that is full; nothing when there is. */
export function shortages(used: Counts, needs: Counts, limits: Counts): string[] {
  return Object.entries(COUNTED).flatMap(([key, label]) => {
    const name = key as keyof Counts; // the keys of COUNTED are those of Counts
    if (used[name] + needs[name] <= limits[name]) return [];
    return [`${label}: ${used[name]} of ${limits[name]} are there, ${needs[name]} more are needed`];
  });
}

function mapCounts(count: (name: keyof Counts) => number): Counts {
  const counts = Object.keys(COUNTED).map((name) => [name, count(name as keyof Counts)]);
  return { ...none(), ...Object.fromEntries(counts) };
}
