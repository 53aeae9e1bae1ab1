import { join } from "node:path";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { D1Database } from "../components/d1-database.ts";
import { deadLettersOf } from "../components/dead-letters-of.ts";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { QueueWithDlq } from "../components/queue-with-dlq.ts";
import { R2Bucket } from "../components/r2-bucket.ts";
import { resourceName, vectorizeName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import { tokenSecrets } from "../components/token-secrets.ts";
import { VectorizeIndex } from "../components/vectorize-index.ts";
import type { Stack } from "../settings.ts";
import { aiBindings, type SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";

/** Numbers a text of the embedding model, as `models.embedding` of the settings says. */
const EMBEDDING_DIMENSIONS = 768;
/** What `-documents-dead` leaves of the 63 characters that a queue's name may have. */
const MOST_BEFORE_DOCUMENTS = 48;

/** Keys, purges and counts in D1, kept answers in KV, their questions in Vectorize, one Durable Object for each question that is being asked. */
export function edgeCache(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
  const { accountId, settings } = stack;
  const { name } = source;
  const database = new D1Database(
    name,
    {
      accountId,
      databaseName: resourceName(stack.name, name),
      migrationsDirectory: join(source.folder, "migrations"),
    },
    { protect: stack.protectData },
  );
  // What it holds can be asked for again, so nothing protects it.
  const answers = new WorkersKvNamespace(`${name}-answers`, {
    accountId,
    title: resourceName(stack.name, `${name}-answers`),
  });
  const questions = new VectorizeIndex(`${name}-questions`, {
    accountId,
    indexName: vectorizeName(stack.name, `${name}-questions`, EMBEDDING_DIMENSIONS, "cosine"),
    dimensions: EMBEDDING_DIMENSIONS,
    metric: "cosine",
    metadataIndexes: [{ propertyName: "frame", indexType: "string" }],
  });
  const files = new R2Bucket(
    `${name}-files`,
    { accountId, bucketName: resourceName(stack.name, `${name}-files`) },
    { protect: stack.protectData },
  );
  // Made of the files again when they are uploaded again.
  const chunks = new VectorizeIndex(`${name}-documents`, {
    accountId,
    indexName: vectorizeName(stack.name, `${name}-documents`, EMBEDDING_DIMENSIONS, "cosine"),
    dimensions: EMBEDDING_DIMENSIONS,
    metric: "cosine",
    metadataIndexes: [
      { propertyName: "tenant", indexType: "string" },
      { propertyName: "document", indexType: "string" },
    ],
  });
  // The Worker knows its queues by the ends of their names, which therefore no hash may replace.
  const queueName = `${resourceName(stack.name, name, MOST_BEFORE_DOCUMENTS)}-documents`;
  const documents = new QueueWithDlq(
    `${name}-documents`,
    { accountId, queueName, deadLetterQueueName: deadLettersOf(queueName) },
    { protect: stack.protectData },
  );
  const apiKey = new GeneratedSecret(`${name}-api-key`, { prefix: "tnr_", encoding: "base64url" });

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...aiBindings(shared),
        DB: { type: "d1", databaseId: database.databaseId },
        ANSWERS: { type: "kv_namespace", namespaceId: answers.id },
        QUESTIONS: { type: "vectorize", indexName: questions.indexName },
        CHUNKS: { type: "vectorize", indexName: chunks.indexName },
        FILES: { type: "r2_bucket", bucketName: files.bucketName },
        SUBMISSIONS: { type: "ratelimit", simple: { limit: settings.limits.requestsPerMinute, period: 60 } },
        SETTINGS: { type: "json", json: JSON.stringify(settings) },
        API_KEY: { type: "secret_text", text: apiKey.value },
      },
      optionalBindings: tokenSecrets(settings),
      queues: [documents],
    },
    { dependsOn: shared.gateway },
  );
  return {
    scriptName: worker.scriptName,
    apiKey: apiKey.value,
    ...(worker.url !== undefined && { url: worker.url }),
  };
}
