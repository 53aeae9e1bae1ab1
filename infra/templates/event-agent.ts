import { join } from "node:path";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { D1Database } from "../components/d1-database.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { R2Bucket } from "../components/r2-bucket.ts";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import { aiBindings, type SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";

/** Jobs in D1, answers in R2, a lookup in KV, one Durable Object a job. */
export function eventAgent(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
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
  const results = new R2Bucket(
    `${name}-results`,
    {
      accountId,
      bucketName: resourceName(stack.name, `${name}-results`),
    },
    data,
  );
  const lookup = new WorkersKvNamespace(
    `${name}-lookup`,
    {
      accountId,
      title: resourceName(stack.name, `${name}-lookup`),
    },
    data,
  );
  const apiKey = new GeneratedSecret(`${name}-api-key`, { prefix: "tnr_", encoding: "base64url" });
  const webhookSecret = new GeneratedSecret(`${name}-webhook-secret`, { prefix: "whsec_", encoding: "base64" });

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...aiBindings(shared),
        DB: { type: "d1", databaseId: database.databaseId },
        RESULTS: { type: "r2_bucket", bucketName: results.bucketName },
        LOOKUP: { type: "kv_namespace", namespaceId: lookup.id },
        SUBMISSIONS: { type: "ratelimit", simple: { limit: settings.limits.submissionsPerMinute, period: 60 } },
        SETTINGS: { type: "json", json: JSON.stringify(settings) },
        API_KEY: { type: "secret_text", text: apiKey.value },
        WEBHOOK_SECRET: { type: "secret_text", text: webhookSecret.value },
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
