import { randomUUID } from "node:crypto";
import * as z from "zod";
import { UserError } from "./user-error.ts";

const SAMPLE = {
  task: "summarize",
  input: {
    text:
      "Hello, I bought the blue desk lamp from your shop on Monday. It arrived today, well packed and two days early. " +
      "Sadly the switch does not click and the lamp stays dark, although the bulb works in another lamp. " +
      "I would rather have a new switch than send the whole lamp back. Could you post me one? Thank you, Ada.",
    max_words: 40,
  },
};

const Accepted = z.object({ id: z.string(), status: z.string() });
const Job = z.object({ id: z.string(), status: z.string(), error: z.unknown().optional() });
const Result = z.object({ output: z.object({ summary: z.string() }), model: z.string(), stand_in: z.boolean() });

/** The first answer of a fresh stack. */
export interface SampleAnswer {
  readonly id: string;
  /** What was asked. */
  readonly task: string;
  readonly text: string;
  readonly model: string;
  /** No model answered but the local cloud's stand-in for one. */
  readonly standIn: boolean;
  /** From the request to the answer, in ms. */
  readonly durationMs: number;
}

/** Posts one job to the event-agent, as any client would, and waits for its answer. */
export async function runSampleJob(agent: { url: string; apiKey: string }, signal: AbortSignal): Promise<SampleAnswer> {
  const start = performance.now();
  const headers = { authorization: `Bearer ${agent.apiKey}` };
  const accepted = await fetch(new URL("/v1/jobs", agent.url), {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify(SAMPLE),
    signal,
  });
  if (accepted.status !== 202)
    throw new UserError(`The event-agent refused the sample job: ${await describe(accepted)}`);
  const { id } = Accepted.parse(await accepted.json());
  const deadline = Date.now() + 60_000;
  for (;;) {
    const response = await fetch(new URL(`/v1/jobs/${id}`, agent.url), { headers, signal });
    if (!response.ok) throw new UserError(`The sample job ${id} cannot be read: ${await describe(response)}`);
    const job = Job.parse(await response.json());
    if (job.status === "done") break;
    if (job.status === "failed" || job.status === "cancelled") {
      throw new UserError(`The sample job ${id} ${job.status}: ${JSON.stringify(job.error)}`);
    }
    if (Date.now() > deadline) throw new UserError(`The sample job ${id} is still ${job.status} after a minute.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const result = await fetch(new URL(`/v1/jobs/${id}/result`, agent.url), { headers, signal });
  if (!result.ok) throw new UserError(`The answer of the sample job ${id} cannot be read: ${await describe(result)}`);
  const { output, model, stand_in } = Result.parse(await result.json());
  return {
    id,
    task: SAMPLE.task,
    text: output.summary,
    model,
    standIn: stand_in,
    durationMs: performance.now() - start,
  };
}

async function describe(response: Response): Promise<string> {
  return `${response.status} ${(await response.text()).slice(0, 500)}`;
}
