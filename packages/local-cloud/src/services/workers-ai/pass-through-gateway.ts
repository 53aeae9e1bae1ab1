import { Hono } from "hono";
import * as z from "zod";
import { invalidInput, notEmulatedByModels } from "../../models/ai-error.ts";
import { asAiError, type CallFacts } from "../../models/model-answer.ts";
import type { Models } from "../../models/models.ts";
import { rawJson, runChat, runNative } from "../../models/run-model.ts";

const Step = z.object({ provider: z.string(), endpoint: z.string(), query: z.unknown() });

/** The model that stands behind every `dynamic/…` route here. */
const ROUTE_MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";

/**
 * A gateway that passes every call to Workers AI and keeps nothing: no cache, no log, no limit. For Worker tests,
 * where the cloud's own AI Gateway is not there. Several steps are tried in turn, as the universal endpoint does.
 */
export function passThroughGateway(models: Models, facts: () => CallFacts): Hono {
  const gateway = new Hono();
  gateway.post("/run", async (context) => {
    const body = z.object({ inputs: z.unknown() }).parse(await context.req.json());
    const model = context.req.header("cf-consn-model-id") ?? "";
    return mark(await runNative(models, model, body.inputs, facts(), context.req.raw.signal), facts().id);
  });
  gateway.post("/universal/run/:gateway", async (context) => {
    const body = z.union([z.array(Step).min(1), Step]).safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) throw invalidInput("the body is not a list of {provider, endpoint, query}");
    let failure: unknown;
    for (const [number, step] of [body.data].flat().entries()) {
      try {
        const response = await take(step, context.req.raw.signal);
        response.headers.set("cf-aig-step", String(number));
        return mark(response, facts().id);
      } catch (error) {
        failure = error;
      }
    }
    const { status, code, message } = asAiError(failure);
    const error = [{ code, message: `AiError: AiError: ${message}` }];
    return rawJson(
      { success: false, result: [], messages: [], error, name: "AiError", internalCode: code, description: message },
      status,
    );
  });
  gateway.get("/gateways/:gateway/url/:provider", () => {
    throw notEmulatedByModels("the address of a gateway in a Worker test");
  });

  function take(step: z.infer<typeof Step>, signal: AbortSignal): Promise<Response> {
    const chat = /^(v1\/)?chat\/completions$/.test(step.endpoint);
    if (step.provider === "compat" && chat) return runChat(models, withModel(step.query), facts(), signal);
    if (step.provider === "workers-ai" && chat) return runChat(models, step.query, facts(), signal);
    if (step.provider === "workers-ai") return runNative(models, step.endpoint, step.query, facts(), signal);
    throw notEmulatedByModels(`provider "${step.provider}" with endpoint "${step.endpoint}" in a Worker test`);
  }
  return gateway;
}

/** `dynamic/NAME` is the route's model, `workers-ai/@cf/…` the model's own name. */
function withModel(query: unknown): unknown {
  if (typeof query !== "object" || query === null || !("model" in query) || typeof query.model !== "string")
    return query;
  const model = query.model.startsWith("dynamic/") ? ROUTE_MODEL : query.model.replace(/^workers-ai\//, "");
  return { ...query, model };
}

function mark(response: Response, id: string): Response {
  response.headers.set("cf-aig-log-id", id);
  response.headers.set("cf-aig-cache-status", "MISS");
  return response;
}
