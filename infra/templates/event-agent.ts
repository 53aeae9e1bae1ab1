import { join } from "node:path";
import { R2Bucket } from "@pulumi/cloudflare/r2bucket.js";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { D1Database } from "../components/d1-database.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { resourceName } from "../components/resource-names.ts";
import { TEMPLATES_FOLDER, TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import type { TemplateOutputs } from "./template.ts";

const NAME = "event-agent";

/** Jobs in D1, answers in R2, a lookup in KV, one Durable Object a job. */
export function eventAgent(stack: Stack): TemplateOutputs {
  const { accountId, settings } = stack;
  const database = new D1Database(NAME, {
    accountId,
    databaseName: resourceName(stack.name, NAME),
    migrationsDirectory: join(TEMPLATES_FOLDER, NAME, "migrations"),
  });
  const results = new R2Bucket(`${NAME}-results`, {
    accountId,
    name: resourceName(stack.name, `${NAME}-results`),
    storageClass: "Standard",
    jurisdiction: "default",
  });
  const lookup = new WorkersKvNamespace(`${NAME}-lookup`, {
    accountId,
    title: resourceName(stack.name, `${NAME}-lookup`),
  });
  const apiKey = new GeneratedSecret(`${NAME}-api-key`, { prefix: "tnr_", encoding: "base64url" });
  const webhookSecret = new GeneratedSecret(`${NAME}-webhook-secret`, { prefix: "whsec_", encoding: "base64" });

  const worker = new TemplateWorker(NAME, {
    stack,
    bindings: {
      DB: { type: "d1", databaseId: database.databaseId },
      RESULTS: { type: "r2_bucket", bucketName: results.name },
      LOOKUP: { type: "kv_namespace", namespaceId: lookup.id },
      SUBMISSIONS: { type: "ratelimit", simple: { limit: settings.limits.submissionsPerMinute, period: 60 } },
      SETTINGS: { type: "json", json: JSON.stringify(settings) },
      API_KEY: { type: "secret_text", text: apiKey.value },
      WEBHOOK_SECRET: { type: "secret_text", text: webhookSecret.value },
    },
  });
  return { scriptName: worker.scriptName, apiKey: apiKey.value, ...(worker.url !== undefined && { url: worker.url }) };
}
