import { Hono } from "hono";
import * as z from "zod";
import { incompleteRequest, invalidInput, notEmulatedByModels } from "../../models/ai-error.ts";
import { CATALOG } from "../../models/catalog.ts";
import type { Inference } from "../../models/inference.ts";
import { asAiError } from "../../models/model-answer.ts";
import { rawJson, responseOf } from "../../models/raw-answer.ts";
import { searchModels } from "./model-search.ts";

const RunBody = z.object({
  inputs: z.unknown(),
  options: z.object({ queueRequest: z.boolean().optional() }).nullish(),
});

/** What {@link workersAiBackend} needs. `gateway` answers what the AI binding asks of AI Gateway. */
export interface BackendOptions {
  inference: Inference;
  newId: () => string;
  gateway: Hono;
}

/**
 * The wire of the AI binding, as workerd's own `ai-api` speaks it.
 *
 * @see https://github.com/cloudflare/workerd/blob/main/src/cloudflare/internal/ai-api.ts
 */
export function workersAiBackend({ inference, newId, gateway }: BackendOptions): Hono {
  const backend = new Hono();
  backend.onError((error) => {
    const { status, code, message } = asAiError(error);
    return responseOf({ ...rawJson({ name: "AiError", internalCode: code, description: message }), status });
  });
  backend.post("/run", async (context) => {
    const model = context.req.header("cf-consn-model-id");
    if (!model) throw incompleteRequest("cf-consn-model-id");
    if (!context.req.header("content-type")?.includes("json"))
      throw notEmulatedByModels("a raw (not JSON) model input");
    const parsed = RunBody.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) throw invalidInput("the body is not JSON of the form {inputs, options}");
    if (parsed.data.options?.queueRequest) throw notEmulatedByModels("a batch for later (`queueRequest`)");
    const id = newId();
    const accountId = context.req.header("x-local-account") ?? "";
    const answer = await inference.run({ accountId, id, signal: context.req.raw.signal }, model, parsed.data.inputs);
    return responseOf({ ...answer, headers: { ...answer.headers, "cf-ai-req-id": id } });
  });
  backend.get("/ai-api/models/search", (context) =>
    responseOf(
      rawJson({ success: true, errors: [], messages: [], result: searchModels(CATALOG, context.req.query()) }),
    ),
  );
  backend.route("/ai-gateway", gateway);
  backend.all("*", (context) => {
    throw notEmulatedByModels(`the AI binding's ${context.req.method} ${context.req.path}`);
  });
  return backend;
}
