import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { resourceName } from "../components/resource-names.ts";
import type { TemplateSource } from "../components/template-source.ts";
import { TemplateWorker } from "../components/template-worker.ts";
import type { Stack } from "../settings.ts";
import type { SharedResources } from "../shared-resources.ts";
import type { TemplateOutputs } from "./template.ts";
import { templateParts } from "./template-parts.ts";

/** Jobs in D1, answers in R2, a lookup in KV, one Durable Object a job. */
export function eventAgent(stack: Stack, source: TemplateSource, shared: SharedResources): TemplateOutputs {
  const { accountId, settings } = stack;
  const { name } = source;
  const parts = templateParts(stack, source, shared);
  const results = parts.bucket("results");
  const lookup = new WorkersKvNamespace(
    `${name}-lookup`,
    { accountId, title: resourceName(stack.name, `${name}-lookup`) },
    parts.data,
  );
  const webhookSecret = parts.webhookSecret();

  const worker = new TemplateWorker(
    source,
    {
      stack,
      bindings: {
        ...parts.bindings(settings.limits.submissionsPerMinute),
        RESULTS: { type: "r2_bucket", bucketName: results.bucketName },
        LOOKUP: { type: "kv_namespace", namespaceId: lookup.id },
        WEBHOOK_SECRET: { type: "secret_text", text: webhookSecret.value },
      },
    },
    { dependsOn: shared.gateway },
  );
  return parts.outputs(worker, webhookSecret.value);
}
