import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { D1Database } from "../components/d1-database.ts";
import { deadLettersOf } from "../components/dead-letters-of.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { QueueWithDlq } from "../components/queue-with-dlq.ts";
import { R2Bucket } from "../components/r2-bucket.ts";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import type { TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import { aiBindings, type SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";

/** What a queue's name may have. */
const QUEUE_NAME_LENGTH = 63;

/** What the templates are made of alike, each named after its template. */
export function templateParts(stack: Stack, { name, folder }: TemplateSource, shared: SharedResources) {
  const { accountId, settings } = stack;
  const data = { protect: stack.protectData };
  const database = new D1Database(
    name,
    { accountId, databaseName: resourceName(stack.name, name), migrationsDirectory: join(folder, "migrations") },
    data,
  );
  const apiKey = new GeneratedSecret(`${name}-api-key`, { prefix: "tnr_", encoding: "base64url" });
  return {
    /** Options of what holds data that nobody could make again. */
    data,
    apiKey,
    /** Of the names that every template's wrangler.jsonc has. */
    bindings(submissionsPerMinute: number) {
      return {
        ...aiBindings(shared),
        DB: { type: "d1", databaseId: database.databaseId },
        SUBMISSIONS: { type: "ratelimit", simple: { limit: submissionsPerMinute, period: 60 } },
        SETTINGS: { type: "json", json: JSON.stringify(settings) },
        API_KEY: { type: "secret_text", text: apiKey.value },
      };
    },
    bucket(part: string): R2Bucket {
      const bucketName = resourceName(stack.name, `${name}-${part}`);
      return new R2Bucket(`${name}-${part}`, { accountId, bucketName }, data);
    },
    /** Queues with their dead letters. The Worker knows them by the ends of their names, which therefore no hash may replace. */
    queues<Parts extends readonly [string, ...string[]]>(...parts: Parts): { [Index in keyof Parts]: QueueWithDlq } {
      const longestEnd = Math.max(...parts.map((part) => deadLettersOf(`-${part}`).length));
      const beginning = resourceName(stack.name, name, QUEUE_NAME_LENGTH - longestEnd);
      const make = (part: string) => {
        const queueName = `${beginning}-${part}`;
        return new QueueWithDlq(
          `${name}-${part}`,
          { accountId, queueName, deadLetterQueueName: deadLettersOf(queueName) },
          data,
        );
      };
      return parts.map(make) as { [Index in keyof Parts]: QueueWithDlq };
    },
    webhookSecret(): GeneratedSecret {
      return new GeneratedSecret(`${name}-webhook-secret`, { prefix: "whsec_", encoding: "base64" });
    },
    /** What the stack's outputs say of the template. */
    outputs(worker: TemplateWorker, webhookSecret?: pulumi.Output<string>): TemplateOutputs {
      return {
        scriptName: worker.scriptName,
        apiKey: apiKey.value,
        ...(webhookSecret && { webhookSecret }),
        ...(worker.url !== undefined && { url: worker.url }),
      };
    },
  };
}
