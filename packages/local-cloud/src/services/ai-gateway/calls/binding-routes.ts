import { type Context, Hono } from "hono";
import * as z from "zod";
import { notEmulatedByModels } from "../../../models/ai-error.ts";
import { responseOf } from "../../../models/raw-answer.ts";
import type { GatewayState, LogEntry } from "../gateway.ts";
import { LogPatch } from "../log-patch.ts";
import { refusal } from "./answer.ts";
import { optionsOfBinding, optionsOfHeaders } from "./call-options.ts";
import { dropConnection } from "./drop-connection.ts";
import type { GatewayCall, Step } from "./gateway-call.ts";
import { invalidCall, noSuchGateway, notEmulatedByGateway } from "./gateway-error.ts";
import { parseBody, providerKey, universalSteps } from "./read-call.ts";
import { type ServeCall, Unreachable } from "./serve-call.ts";

const RunBody = z.object({ inputs: z.unknown(), options: z.object({ gateway: z.unknown() }) });

/**
 * What the AI binding asks of AI Gateway, below `/ai-gateway` of its wire. A binding needs no token.
 *
 * @see https://github.com/cloudflare/workerd/blob/main/src/cloudflare/internal/aig-api.ts
 */
export function bindingRoutes(serve: ServeCall, state: GatewayState): Hono {
  const routes = new Hono();
  routes.onError((error, context) =>
    error instanceof Unreachable ? dropConnection(context) : responseOf(refusal(error, "binding")),
  );

  routes.post("/run", async (context) => {
    if (!context.req.header("content-type")?.includes("json"))
      throw notEmulatedByModels("a raw (not JSON) model input");
    const body = RunBody.safeParse(parseBody(await context.req.text()));
    if (!body.success) throw invalidCall("the body is not JSON of the form {inputs, options: {gateway}}");
    const model = context.req.header("cf-consn-model-id");
    if (!model) throw invalidCall("the header cf-consn-model-id names no model");
    const header = (name: string) => context.req.header(name);
    const { gatewayId, options } = optionsOfBinding(body.data.options.gateway);
    const step: Step = {
      ...runStep(model, body.data.inputs),
      key: providerKey(header, () => false),
      options: { ...optionsOfHeaders(header), ...options },
    };
    return responseOf(await serve(callOf(context, gatewayId, [step])));
  });

  routes.post("/universal/run/:gateway", async (context) => {
    const options = optionsOfHeaders((name) => context.req.header(name));
    const steps = universalSteps(parseBody(await context.req.text()), options, () => false);
    return responseOf(await serve(callOf(context, context.req.param("gateway"), steps)));
  });

  routes.get("/gateways/:gateway/url/:provider", (context) => {
    const { gateway, provider } = context.req.param();
    const account = accountOf(context);
    if (state.gateway(account, gateway) === undefined) return notFound(noSuchGateway(gateway).message, 400, 2001);
    const base = `https://gateway.ai.cloudflare.com/v1/${account}/${gateway}/`;
    return context.json({ success: true, result: { url: provider === "universal" ? base : base + provider } });
  });

  routes.get("/gateways/:gateway/logs/:log", (context) => {
    const { gateway, log } = context.req.param();
    const entry = state.log(accountOf(context), gateway, log);
    if (entry === undefined) return notFound(`log "${log}" not found in gateway "${gateway}"`);
    return context.json({ success: true, result: logAnswer(entry) });
  });

  routes.patch("/gateways/:gateway/logs/:log", async (context) => {
    const { gateway, log } = context.req.param();
    const patch = LogPatch.safeParse(parseBody(await context.req.text()));
    if (!patch.success) return notFound(`the change of log "${log}": ${z.prettifyError(patch.error)}`, 400, 7001);
    if (!state.patchLog(accountOf(context), gateway, log, patch.data))
      return notFound(`log "${log}" not found in gateway "${gateway}"`);
    return context.json({ success: true, result: {} });
  });

  routes.all("*", (context) => {
    throw notEmulatedByGateway(`the AI binding's ${context.req.method} ${context.req.path}`);
  });
  return routes;
}

/** Headers that workerd puts in: a Worker can neither see nor forge them. */
const accountOf = (context: Context): string => context.req.header("x-local-account") ?? "";

function callOf(context: Context, gatewayId: string, steps: GatewayCall["steps"]): GatewayCall {
  const accountId = accountOf(context);
  return { entrance: "binding", accountId, gatewayId, authorized: true, steps, signal: context.req.raw.signal };
}

/** `env.AI.run` takes Workers AI's models, `provider/model`, and `dynamic/NAME`; only the first have a shape of their own. */
export function runStep(model: string, inputs: unknown): Pick<Step, "provider" | "endpoint" | "query"> {
  if (model.startsWith("@")) return { provider: "workers-ai", endpoint: model, query: inputs };
  if (typeof inputs !== "object" || inputs === null) throw invalidCall("the inputs are not an object");
  return { provider: "compat", endpoint: "chat/completions", query: { ...inputs, model } };
}

/** workerd reads `errors` here, not the form of refused calls. */
function notFound(message: string, status = 404, code = 7002): Response {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

/** Characters of a payload that stand in the log itself. */
const HEAD = 1024;

function logAnswer(entry: LogEntry): Record<string, unknown> {
  const { request, response } = entry;
  return {
    id: entry.id,
    created_at: new Date(entry.createdAt).toISOString(),
    provider: entry.provider,
    model: entry.model,
    model_type: entry.modelType,
    path: entry.path,
    duration: entry.duration,
    request_type: entry.requestType,
    request_content_type: "application/json",
    status_code: entry.statusCode,
    success: entry.success,
    cached: entry.cached,
    tokens_in: entry.tokensIn,
    tokens_out: entry.tokensOut,
    cost: entry.cost,
    custom_cost: entry.customCost,
    metadata: entry.metadata ?? {},
    step: entry.step,
    request_size: Buffer.byteLength(request ?? ""),
    request_head: request?.slice(0, HEAD) ?? "",
    request_head_complete: (request?.length ?? 0) <= HEAD,
    response_size: Buffer.byteLength(response ?? ""),
    response_head: response?.slice(0, HEAD) ?? "",
    response_head_complete: (response?.length ?? 0) <= HEAD,
  };
}
