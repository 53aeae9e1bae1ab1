import { log } from "@tenner/worker-kit/log";
import * as z from "zod";
import { CONFIDENCES } from "../domain/estimate.ts";

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
export async function findAnswer(env: Env, fingerprint: string): Promise<KeptAnswer | null> {
  const value = await tolerant("read", () => env.ANSWERS.get(answerKey(fingerprint), "json"));
  const parsed = KeptAnswer.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Keeps a model's answer. */
export async function keepAnswer(env: Env, fingerprint: string, answer: KeptAnswer, ttl: number): Promise<void> {
  await tolerant("write", () =>
    env.ANSWERS.put(answerKey(fingerprint), JSON.stringify(answer), { expirationTtl: ttl }),
  );
}

/** The name of a picture that was made of the same thing. */
export function findPicture(env: Env, fingerprint: string): Promise<string | null> {
  return tolerant("read", () => env.ANSWERS.get(pictureKey(fingerprint)));
}

/** Remembers a picture's name. */
export async function keepPicture(env: Env, fingerprint: string, picture: string, ttl: number): Promise<void> {
  await tolerant("write", () => env.ANSWERS.put(pictureKey(fingerprint), picture, { expirationTtl: ttl }));
}

async function tolerant<T>(verb: string, act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    log("warn", "cache_unreachable", { verb, message: String(error) });
    return null;
  }
}
