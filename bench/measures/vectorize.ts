import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";
import { seededNumbers } from "../load/seeded-numbers.ts";
import type { Measure } from "../run.ts";
import { spread } from "../statistics.ts";

const DIMENSIONS = 768;
const SIZES = [1_000, 10_000, 100_000];
const QUERIES = 30;
const TOP = 10;
const BATCH = 2_500;

/** One query over REST, with the vector in and ten matches out, and how many of the truly nearest ten are among them. */
export async function vectorize(): Promise<Measure[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  const cloud = await createCloud({ directory, port: 0 });
  try {
    const account = cloud.account({ name: "bench", plan: "paid" });
    const call = async (target: string, body?: BodyInit, type = "application/json") => {
      const response = await fetch(`${cloud.apiUrl}/accounts/${account.id}/vectorize/v2/indexes${target}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${cloud.token}`, "content-type": type },
        ...(body !== undefined && { body }),
      });
      if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { result: Answer }).result; // the envelope of every endpoint
    };
    const random = seededNumbers(7);
    const vectors = Array.from({ length: Math.max(...SIZES) }, () => unitVector(random));
    const rows: Measure[] = [];
    for (const size of SIZES) {
      const name = `bench-${size}`;
      await call("", JSON.stringify({ name, config: { dimensions: DIMENSIONS, metric: "cosine" } }));
      let mutation: string | undefined;
      for (let start = 0; start < size; start += BATCH) {
        const lines = vectors
          .slice(start, Math.min(size, start + BATCH))
          .map((values, index) => JSON.stringify({ id: String(start + index), values: [...values] }));
        mutation = (await call(`/${name}/insert`, lines.join("\n"), "application/x-ndjson")).mutationId;
      }
      while ((await call(`/${name}/info`)).processedUpToMutation !== mutation)
        await new Promise((resolve) => setTimeout(resolve, 50));

      const times: number[] = [];
      const naive: number[] = [];
      let found = 0;
      for (let round = 0; round < QUERIES + 3; round++) {
        const wanted = unitVector(random);
        const body = JSON.stringify({ vector: [...wanted], topK: TOP });
        const start = performance.now();
        const { matches = [] } = await call(`/${name}/query`, body);
        const time = performance.now() - start;
        if (round < 3) continue;
        times.push(time);
        const naiveStart = performance.now();
        const scores = scoresOf(vectors, size, wanted);
        naive.push(performance.now() - naiveStart);
        const nearest = new Set(nearestOf(scores));
        found += matches.filter(({ id }) => nearest.has(id)).length;
      }
      rows.push({
        what: `Vectorize, a query over ${size.toLocaleString("en")} vectors of ${DIMENSIONS}`,
        figure: `${milliseconds(times)}, recall ${(found / (QUERIES * TOP)).toFixed(3)}${size === 100_000 ? " (bound: 60 ms, 1.0)" : ""}`,
        against: `a plain loop on one thread, no HTTP: ${milliseconds(naive)}`,
      });
    }
    return rows;
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the endpoints used here answer. */
interface Answer {
  readonly mutationId?: string;
  readonly processedUpToMutation?: string;
  readonly matches?: { readonly id: string }[];
}

function unitVector(random: () => number): Float32Array {
  const values = Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function scoresOf(vectors: readonly Float32Array[], size: number, wanted: Float32Array): Float64Array {
  const scores = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    const values = vectors[row];
    let sum = 0;
    if (values) for (let i = 0; i < DIMENSIONS; i++) sum += (values[i] ?? 0) * (wanted[i] ?? 0);
    scores[row] = sum;
  }
  return scores;
}

function nearestOf(scores: Float64Array): string[] {
  return [...scores.keys()]
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
    .slice(0, TOP)
    .map(String);
}

function milliseconds(figures: readonly number[]): string {
  const { median, min, max } = spread(figures);
  return `${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`;
}
