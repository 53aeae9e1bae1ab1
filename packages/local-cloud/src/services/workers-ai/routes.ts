import { type Context, Hono } from "hono";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { failure, ok } from "../../core/envelope.ts";
import { AiError, invalidInput, notEmulatedByModels } from "../../models/ai-error.ts";
import { CATALOG } from "../../models/catalog.ts";
import type { Inference, ModelCall } from "../../models/inference.ts";
import { searchModels } from "./model-search.ts";

/**
 * Workers AI over REST, below `/ai`.
 *
 * @see https://developers.cloudflare.com/api/resources/ai/methods/run/
 * @see https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
 */
export function aiRoutes(inference: Inference, newId: () => string): Hono {
  const callOf = (context: Context): ModelCall => ({
    accountId: accountOf(context),
    id: newId(),
    signal: context.req.raw.signal,
  });
  const routes = new Hono();
  routes.onError((error, context) =>
    failure(
      error instanceof AiError ? new ApiError(error.status, error.code, `AiError: ${error.message}`) : error,
      context,
    ),
  );
  routes.get("/models/search", (context) => {
    const found = searchModels(CATALOG, context.req.query());
    const size = Number(context.req.query("per_page") ?? 100);
    const page = Number(context.req.query("page") ?? 1);
    const items = found.slice((page - 1) * size, page * size);
    return ok(context, items, { page, per_page: size, count: items.length, total_count: found.length });
  });
  routes.post("/run/:model{.+}", async (context) => {
    const inputs = await bodyOf(context.req.raw);
    const response = await inference.run(callOf(context), context.req.param("model"), inputs);
    return response.headers.get("content-type") === "application/json" ? ok(context, await response.json()) : response;
  });
  routes.post("/v1/:endpoint{.+}", async (context) =>
    inference.openai(callOf(context), context.req.param("endpoint"), await bodyOf(context.req.raw)),
  );
  routes.all("*", (context) => {
    throw notEmulatedByModels(`${context.req.method} ${context.req.path}`);
  });
  return routes;
}

async function bodyOf(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw invalidInput("the body is not JSON");
  }
}
