import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";
import { z } from "zod";
import type { LabelledPair } from "./read-pairs.ts";

const BATCH = 100;
const Answer = z.object({ result: z.object({ data: z.array(z.array(z.number())) }) });

/**
 * The cosine of each pair's last messages, by the local cloud's stand-in for `model`: vectors of unit length.
 *
 * @throws Error when the model refuses a text.
 */
export async function similarities(pairs: readonly LabelledPair[], model: string): Promise<number[]> {
  const last = (messages: LabelledPair["asked"]) => messages.at(-1)?.content ?? "";
  const texts = [...new Set(pairs.flatMap(({ asked, candidate }) => [last(asked), last(candidate)]))];
  const vectors = new Map<string, readonly number[]>();
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-tune-"));
  try {
    const cloud = await createCloud({ directory, port: 0 });
    try {
      const { id } = cloud.account({ name: "tune" });
      for (let from = 0; from < texts.length; from += BATCH) {
        const text = texts.slice(from, from + BATCH);
        const response = await fetch(`${cloud.apiUrl}/accounts/${id}/ai/run/${model}`, {
          method: "POST",
          headers: { authorization: `Bearer ${cloud.token}`, "content-type": "application/json" },
          body: JSON.stringify({ text }),
        });
        if (!response.ok) throw new Error(`${model} answered ${response.status}: ${await response.text()}`);
        const { data } = Answer.parse(await response.json()).result;
        for (const [index, one] of text.entries()) vectors.set(one, data[index] ?? []);
      }
    } finally {
      await cloud.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return pairs.map(({ asked, candidate }) => dot(vectors.get(last(asked)) ?? [], vectors.get(last(candidate)) ?? []));
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
