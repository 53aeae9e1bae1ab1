import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCloud } from "@tenner/local-cloud";

const MODEL = "@cf/baai/bge-base-en-v1.5";
const BATCH = 100;

/** Vectors of unit length from the local cloud's embedding model, through Cloudflare's own API. @throws Error when it refuses a text. */
export async function embed(texts: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-semantic-"));
  const cloud = await createCloud({ directory, port: 0 });
  try {
    const { id } = cloud.account({ name: "semantic" });
    const unique = [...new Set(texts)];
    const vectors = new Map<string, readonly number[]>();
    for (let from = 0; from < unique.length; from += BATCH) {
      const text = unique.slice(from, from + BATCH);
      const response = await fetch(`${cloud.apiUrl}/accounts/${id}/ai/run/${MODEL}`, {
        method: "POST",
        headers: { authorization: `Bearer ${cloud.token}`, "content-type": "application/json" },
        body: JSON.stringify({ text }),
      });
      if (!response.ok) throw new Error(`${MODEL} answered ${response.status}: ${await response.text()}`);
      // The API's own form of an embedding's answer.
      const { result } = (await response.json()) as { result: { data: number[][] } };
      for (const [index, one] of text.entries()) vectors.set(one, result.data[index] ?? []);
    }
    return vectors;
  } finally {
    await cloud.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
