import type { BindingSource } from "../components/match-bindings.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import type { SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";
import { templateParts } from "./template-parts.ts";

/** Batches and items in D1, uploads and payloads in R2, two queues, one Durable Object a tenant. */
export function asyncPipeline(
  stack: Stack,
  source: TemplateSource,
  shared: SharedResources,
  others: Readonly<Record<string, TemplateOutputs>>,
): TemplateOutputs {
  const { settings } = stack;
  const parts = templateParts(stack, source, shared);
  const files = parts.bucket("files");
  const [items, chores] = parts.queues("items", "chores");
  const webhookSecret = parts.webhookSecret();
  const { queueConcurrency } = settings.pipeline;

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...parts.bindings(settings.limits.submissionsPerMinute),
        FILES: { type: "r2_bucket", bucketName: files.bucketName },
        WEBHOOK_SECRET: { type: "secret_text", text: webhookSecret.value },
      },
      optionalBindings: eventAgentBindings(others["event-agent"]),
      queues: [items, chores],
      consumerSettings: {
        ...(queueConcurrency !== undefined && { [items.name]: { maxConcurrency: queueConcurrency } }),
      },
    },
    { dependsOn: shared.gateway },
  );
  return parts.outputs(worker, webhookSecret.value);
}

/** The way to the event-agent, where the stack has one: a batch's end can become a job there. */
function eventAgentBindings(agent: TemplateOutputs | undefined): Record<string, BindingSource> {
  if (!agent?.webhookSecret) return {};
  return {
    EVENT_AGENT: { type: "service", service: agent.scriptName, environment: "production" },
    EVENT_AGENT_HOOK_SECRET: { type: "secret_text", text: agent.webhookSecret },
  };
}
