import { join } from "node:path";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { D1Database } from "../components/d1-database.ts";
import { deadLettersOf } from "../components/dead-letters-of.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { QueueWithDlq } from "../components/queue-with-dlq.ts";
import { R2Bucket } from "../components/r2-bucket.ts";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import { tokenSecrets } from "../components/token-secrets.ts";
import type { Stack } from "../settings.ts";
import { aiBindings, type SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";

/** What `-reappraisals-dead` leaves of the 63 characters that a queue's name may have. */
const MOST_BEFORE_REAPPRAISALS = 45;

/** Valuations in D1, pictures in R2, models' answers for an hour in KV, one Durable Object for each description being appraised, a queue of those to be appraised again. */
export function valuationApp(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
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
  const pictures = new R2Bucket(
    `${name}-pictures`,
    { accountId, bucketName: resourceName(stack.name, `${name}-pictures`) },
    data,
  );
  // What it holds can be asked for again, so nothing protects it.
  const answers = new WorkersKvNamespace(`${name}-answers`, {
    accountId,
    title: resourceName(stack.name, `${name}-answers`),
  });
  // The Worker knows its queues by the ends of their names, which therefore no hash may replace.
  const queueName = `${resourceName(stack.name, name, MOST_BEFORE_REAPPRAISALS)}-reappraisals`;
  const reappraisals = new QueueWithDlq(
    `${name}-reappraisals`,
    { accountId, queueName, deadLetterQueueName: deadLettersOf(queueName) },
    data,
  );
  const apiKey = new GeneratedSecret(`${name}-api-key`, { prefix: "tnr_", encoding: "base64url" });
  const ownerKey = new GeneratedSecret(`${name}-owner-key`, { prefix: "own_", encoding: "base64url" });

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...aiBindings(shared),
        DB: { type: "d1", databaseId: database.databaseId },
        ANSWERS: { type: "kv_namespace", namespaceId: answers.id },
        PICTURES: { type: "r2_bucket", bucketName: pictures.bucketName },
        SUBMISSIONS: { type: "ratelimit", simple: { limit: settings.valuation.submissionsPerMinute, period: 60 } },
        SETTINGS: { type: "json", json: JSON.stringify(settings) },
        API_KEY: { type: "secret_text", text: apiKey.value },
        OWNER_KEY: { type: "secret_text", text: ownerKey.value },
      },
      optionalBindings: tokenSecrets(settings),
      queues: [reappraisals],
    },
    { dependsOn: shared.gateway },
  );
  return {
    scriptName: worker.scriptName,
    apiKey: apiKey.value,
    ...(worker.url !== undefined && { url: worker.url }),
  };
}
