import { log } from "@tenner/worker-kit/log";
import * as z from "zod";
import { CONFIDENCES } from "../domain/estimate.ts";
import type { HopName } from "../domain/trace.ts";
import type { TraceRecorder } from "../trace-recorder.ts";

/** A model's answer as it is kept. An estimate never is: nothing that made it can be found here. */
export const KeptAnswer = z.object({
  itemName: z.string(),
  priceCents: z.int().positive(),
  confidence: z.enum(CONFIDENCES),
  analysis: z.string(),
  whatYouCouldDo: z.array(z.string()),
  model: z.string(),
  fallback: z.boolean(),
  standIn: z.boolean(),
  /** What the model said, before it was read. */
  raw: z.string(),
  picture: z.string().nullable(),
});
export type KeptAnswer = z.infer<typeof KeptAnswer>;

const answerKey = (fingerprint: string) => `answer:1:${fingerprint}`;
const pictureKey = (fingerprint: string) => `picture:1:${fingerprint}`;

/** The kept answer for a fingerprint, or null. A cache that does not answer is an empty one. */
export async function findAnswer(env: Env, trace: TraceRecorder, fingerprint: string): Promise<KeptAnswer | null> {
  const value = await find(trace, "answer-lookup", () => env.ANSWERS.get(answerKey(fingerprint), "json"));
  const parsed = KeptAnswer.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Keeps a model's answer. */
export async function keepAnswer(
  env: Env,
  trace: TraceRecorder,
  fingerprint: string,
  answer: KeptAnswer,
  ttl: number,
): Promise<void> {
  await keep(trace, "answer-keep", () =>
    env.ANSWERS.put(answerKey(fingerprint), JSON.stringify(answer), { expirationTtl: ttl }),
  );
}

/** The name of a picture that was made of the same thing. */
export function findPicture(env: Env, trace: TraceRecorder, fingerprint: string): Promise<string | null> {
  return find(trace, "picture-lookup", () => env.ANSWERS.get(pictureKey(fingerprint)));
}

/** Remembers a picture's name. */
export async function keepPicture(
  env: Env,
  trace: TraceRecorder,
  fingerprint: string,
  picture: string,
  ttl: number,
): Promise<void> {
  await keep(trace, "picture-keep", () => env.ANSWERS.put(pictureKey(fingerprint), picture, { expirationTtl: ttl }));
}

async function find<T>(trace: TraceRecorder, name: HopName, get: () => Promise<T | null>): Promise<T | null> {
  return tolerant("read", () => trace.measure(name, get, (value) => ({ state: value === null ? "miss" : "hit" })));
}

async function keep(trace: TraceRecorder, name: HopName, put: () => Promise<void>): Promise<void> {
  await tolerant("write", () => trace.measure(name, put));
}

async function tolerant<T>(verb: string, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    log("warn", "cache_unreachable", { verb, message: String(error) });
    return null;
  }
}
