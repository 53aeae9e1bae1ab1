import { log } from "@tenner/worker-kit/log";
import { stoppableTimeout } from "@tenner/worker-kit/stoppable-timeout";
import { signWebhook } from "@tenner/worker-kit/webhooks";

const TIMEOUT_MS = 10_000;

/** A job for the event-agent, and the event that it comes from. */
export interface AgentJob {
  /** The same at every attempt: the event-agent then gives the same job. */
  readonly id: string;
  readonly type: string;
  /** Now, ms. */
  readonly at: number;
  /** The event-agent's JobRequest. */
  readonly job: Readonly<Record<string, unknown>>;
  /** Added to the job's metadata. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/**
 * Makes a job in the stack's event-agent, through the service binding and its signed hook. `refused` is not worth
 * another attempt: there is no event-agent, or it does not take such a job.
 */
export async function startAgentJob(
  env: Pick<Env, "EVENT_AGENT" | "EVENT_AGENT_HOOK_SECRET">,
  { id, type, at, job, facts }: AgentJob,
): Promise<{ outcome: "delivered" | "failed" | "refused"; jobId: string | null }> {
  if (!env.EVENT_AGENT || !env.EVENT_AGENT_HOOK_SECRET) {
    log("warn", "no_event_agent", { id });
    return { outcome: "refused", jobId: null };
  }
  const metadata = { ...facts, ...(job["metadata"] as object | undefined) };
  const body = JSON.stringify({ type, data: { ...job, metadata } });
  const { signal, stop } = stoppableTimeout(TIMEOUT_MS);
  try {
    const signed = await signWebhook(env.EVENT_AGENT_HOOK_SECRET, { id, at, body });
    const response = await env.EVENT_AGENT.fetch("https://event-agent/v1/hooks/async-pipeline", {
      method: "POST",
      headers: { ...signed, "content-type": "application/json" },
      body,
      signal,
    });
    if (response.ok) {
      const made: unknown = await response.json();
      const jobId = typeof made === "object" && made !== null && "id" in made ? String(made.id) : null;
      return { outcome: "delivered", jobId };
    }
    log("warn", "agent_job_refused", { id, status: response.status, answer: (await response.text()).slice(0, 500) });
    // Anything it says about this job it would say again; the rest may pass.
    const final = response.status >= 400 && response.status < 500 && ![401, 408, 429].includes(response.status);
    return { outcome: final ? "refused" : "failed", jobId: null };
  } catch (error) {
    log("warn", "agent_job_not_sent", { id, message: String(error) });
    return { outcome: "failed", jobId: null };
  } finally {
    stop();
  }
}
