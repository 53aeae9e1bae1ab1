import { join } from "node:path";
import { D1Database } from "../components/d1-database.ts";
import { deadLettersOf } from "../components/dead-letters-of.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import type { BindingSource } from "../components/match-bindings.ts";
import { QueueWithDlq } from "../components/queue-with-dlq.ts";
import { R2Bucket } from "../components/r2-bucket.ts";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import { aiBindings, type SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";

/** What `-chores-dead` leaves of the 63 characters that a queue's name may have. */
const MOST_BEFORE_PART = 51;

/** Batches and items in D1, uploads and payloads in R2, two queues, one Durable Object a tenant. */
export function asyncPipeline(
  stack: Stack,
  source: TemplateSource,
  shared: SharedResources,
  others: Readonly<Record<string, TemplateOutputs>>,
): TemplateOutputs {
  const { accountId, settings } = stack;
  const { name } = source;
  const data = { protect: stack.protectData };
  const database = new D1Database(
    name,
    {
      accountId,
      databaseName: resourceName(stack.name, name),
      migrationsDirectory: join(source.folder, "migrations"),
    },
    data,
  );
  const files = new R2Bucket(
    `${name}-files`,
    {
      accountId,
      bucketName: resourceName(stack.name, `${name}-files`),
    },
    data,
  );
  const queue = (part: "items" | "chores") => {
    // The Worker knows its queues by the ends of their names, which therefore no hash may replace.
    const queueName = `${resourceName(stack.name, name, MOST_BEFORE_PART)}-${part}`;
    return new QueueWithDlq(
      `${name}-${part}`,
      { accountId, queueName, deadLetterQueueName: deadLettersOf(queueName) },
      data,
    );
  };
  const items = queue("items");
  const chores = queue("chores");
  const apiKey = new GeneratedSecret(`${name}-api-key`, { prefix: "tnr_", encoding: "base64url" });
  const webhookSecret = new GeneratedSecret(`${name}-webhook-secret`, { prefix: "whsec_", encoding: "base64" });
  const { queueConcurrency } = settings.pipeline;

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...aiBindings(shared),
        DB: { type: "d1", databaseId: database.databaseId },
        FILES: { type: "r2_bucket", bucketName: files.bucketName },
        SUBMISSIONS: { type: "ratelimit", simple: { limit: settings.limits.submissionsPerMinute, period: 60 } },
        SETTINGS: { type: "json", json: JSON.stringify(settings) },
        API_KEY: { type: "secret_text", text: apiKey.value },
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
  return {
    scriptName: worker.scriptName,
    apiKey: apiKey.value,
    webhookSecret: webhookSecret.value,
    ...(worker.url !== undefined && { url: worker.url }),
  };
}

/** The way to the event-agent, where the stack has one: a batch's end can become a job there. */
function eventAgentBindings(agent: TemplateOutputs | undefined): Record<string, BindingSource> {
  if (!agent?.webhookSecret) return {};
  return {
    EVENT_AGENT: { type: "service", service: agent.scriptName, environment: "production" },
    EVENT_AGENT_HOOK_SECRET: { type: "secret_text", text: agent.webhookSecret },
  };
}
