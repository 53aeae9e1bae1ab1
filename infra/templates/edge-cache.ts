import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { resourceName, vectorizeName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import { tokenSecrets } from "../components/token-secrets.ts";
import { VectorizeIndex } from "../components/vectorize-index.ts";
import type { Stack } from "../settings.ts";
import type { SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";
import { templateParts } from "./template-parts.ts";

/** Numbers a text of the embedding model, as `models.embedding` of the settings says. */
const EMBEDDING_DIMENSIONS = 768;

/** Keys, purges and counts in D1, kept answers in KV, their questions in Vectorize, one Durable Object for each question that is being asked. */
export function edgeCache(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
  const { accountId, settings } = stack;
  const { name } = source;
  const parts = templateParts(stack, source, shared);
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
  const files = parts.bucket("files");
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
  const queues = parts.queues("documents");

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...parts.bindings(settings.limits.requestsPerMinute),
        ANSWERS: { type: "kv_namespace", namespaceId: answers.id },
        QUESTIONS: { type: "vectorize", indexName: questions.indexName },
        CHUNKS: { type: "vectorize", indexName: chunks.indexName },
        FILES: { type: "r2_bucket", bucketName: files.bucketName },
      },
      optionalBindings: tokenSecrets(settings),
      queues,
    },
    { dependsOn: shared.gateway },
  );
  return parts.outputs(worker);
}
