import { type Context, Hono } from "hono";
import { accountOf } from "../../core/account.ts";
import { ApiError } from "../../core/api-error.ts";
import { failure, ok } from "../../core/envelope.ts";
import { AiError, incompleteRequest, invalidInput, notEmulatedByModels } from "../../models/ai-error.ts";
import { CATALOG } from "../../models/catalog.ts";
import type { Inference, ModelCall } from "../../models/inference.ts";
import { type RawAnswer, responseOf } from "../../models/raw-answer.ts";
import { searchModels } from "./model-search.ts";

/** A call that names a gateway in the header `cf-aig-gateway-id`. */
interface ThroughGateway {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly header: (name: string) => string | undefined;
  readonly signal: AbortSignal;
  readonly body: unknown;
}

/** AI Gateway, as this API sends calls through it: raw answers, refusals too. */
export interface GatewayCalls {
  run(call: ThroughGateway, model: string): Promise<RawAnswer>;
  openai(call: ThroughGateway, endpoint: string): Promise<RawAnswer>;
}

/** What {@link aiRoutes} needs. */
export interface AiRoutesOptions {
  readonly inference: Inference;
  readonly newId: () => string;
  readonly gatewayCalls: GatewayCalls;
}

/**
 * Workers AI over REST, below `/ai`.
 *
 * @see https://developers.cloudflare.com/api/resources/ai/methods/run/
 * @see https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
 */
export function aiRoutes({ inference, newId, gatewayCalls }: AiRoutesOptions): Hono {
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
    const model = context.req.param("model");
    if (context.req.query("queueRequest") === "true") throw notEmulatedByModels("a batch for later (`queueRequest`)");
    const through = throughGateway(context, inputs);
    const answer = await (through ? gatewayCalls.run(through, model) : inference.run(callOf(context), model, inputs));
    const response = responseOf(answer);
    if (!response.ok || answer.headers["content-type"] !== "application/json") return response;
    for (const [name, value] of Object.entries(answer.headers))
      if (name.startsWith("cf-a") || name === "x-stand-in" || name === "x-local-model") context.header(name, value);
    return ok(context, await response.json());
  });
  routes.post("/v1/:endpoint{.+}", async (context) => {
    const body = await bodyOf(context.req.raw);
    const endpoint = context.req.param("endpoint");
    const through = throughGateway(context, body);
    return responseOf(
      await (through ? gatewayCalls.openai(through, endpoint) : inference.openai(callOf(context), endpoint, body)),
    );
  });
  routes.all("*", (context) => {
    throw notEmulatedByModels(`${context.req.method} ${context.req.path}`);
  });
  return routes;
}

function throughGateway(context: Context, body: unknown): ThroughGateway | undefined {
  const gatewayId = context.req.header("cf-aig-gateway-id");
  if (gatewayId === undefined) return undefined;
  const header = (name: string) => context.req.header(name);
  return { accountId: accountOf(context), gatewayId, header, signal: context.req.raw.signal, body };
}

async function bodyOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === "") throw incompleteRequest("a JSON body");
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput("the body is not JSON");
  }
}
