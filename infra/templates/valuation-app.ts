import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { GeneratedSecret } from "../components/generated-secret.ts";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import { tokenSecrets } from "../components/token-secrets.ts";
import type { Stack } from "../settings.ts";
import type { SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";
import { templateParts } from "./template-parts.ts";

/** Valuations in D1, pictures in R2, models' answers for an hour in KV, one Durable Object for each description being appraised, a queue of those to be appraised again. */
export function valuationApp(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
  const { accountId, settings } = stack;
  const { name } = source;
  const parts = templateParts(stack, source, shared);
  const pictures = parts.bucket("pictures");
  // What it holds can be asked for again, so nothing protects it.
  const answers = new WorkersKvNamespace(`${name}-answers`, {
    accountId,
    title: resourceName(stack.name, `${name}-answers`),
  });
  const queues = parts.queues("reappraisals");
  const ownerKey = new GeneratedSecret(`${name}-owner-key`, { prefix: "own_", encoding: "base64url" });

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...parts.bindings(settings.valuation.submissionsPerMinute),
        ANSWERS: { type: "kv_namespace", namespaceId: answers.id },
        PICTURES: { type: "r2_bucket", bucketName: pictures.bucketName },
        OWNER_KEY: { type: "secret_text", text: ownerKey.value },
      },
      optionalBindings: tokenSecrets(settings),
      queues,
    },
    { dependsOn: shared.gateway },
  );
  return parts.outputs(worker);
}
