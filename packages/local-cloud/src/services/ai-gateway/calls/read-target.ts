import type { Inference, ModelCall } from "../../../models/inference.ts";
import type { RawAnswer } from "../../../models/raw-answer.ts";
import type { Step } from "./gateway-call.ts";
import { invalidCall, notEmulatedByGateway } from "./gateway-error.ts";

/** What a step asks: one model of one provider, or a dynamic route. */
export type Target = ModelTarget | RouteTarget;

/** One model of one provider. */
export interface ModelTarget {
  readonly kind: "model";
  readonly provider: string;
  readonly model: string;
  ask(inference: Inference, call: ModelCall): Promise<RawAnswer>;
}

/** `dynamic/NAME`: which model is asked, the route says. */
interface RouteTarget {
  readonly kind: "route";
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Reads what a step asks.
 *
 * @throws {GatewayError} when it names an endpoint that is not there, or no model.
 * @see https://developers.cloudflare.com/ai-gateway/usage/chat-completion/
 */
export function readTarget({ provider, endpoint, query }: Step): Target {
  if (provider === "compat") return compatTarget(endpoint, query);
  if (provider === "workers-ai") return workersAiTarget(endpoint, query);
  const model = modelOf(query);
  return {
    kind: "model",
    provider,
    model: model ?? "",
    ask: (inference, call) => inference.foreign(call, provider, endpoint, query),
  };
}

/** A chat with a model that goes by `provider/model`, or with a route. */
function chatTarget(query: unknown): Target {
  const name = modelOf(query);
  // The name stands in the object, so the body is one.
  const body = query as Readonly<Record<string, unknown>>;
  if (name === undefined) throw invalidCall(`"model" is missing: a text such as "workers-ai/@cf/…" or "dynamic/NAME"`);
  if (name.startsWith("dynamic/")) return { kind: "route", name: name.slice("dynamic/".length), body };
  if (name.startsWith("@")) return chatOf("workers-ai", name, body);
  const slash = name.indexOf("/");
  if (slash < 1) throw invalidCall(`"model" must be "provider/model", not "${name}"`);
  return chatOf(name.slice(0, slash), name.slice(slash + 1), body);
}

/** A chat with one provider's model, as an OpenAI-compatible completion. */
export function chatOf(provider: string, model: string, body: Readonly<Record<string, unknown>>): ModelTarget {
  const asked = { ...body, model };
  return {
    kind: "model",
    provider,
    model,
    ask: (inference, call) =>
      provider === "workers-ai"
        ? inference.openai(call, "chat/completions", asked)
        : inference.foreign(call, provider, "chat/completions", asked),
  };
}

function compatTarget(endpoint: string, query: unknown): Target {
  if (endpoint === "chat/completions" || endpoint === "v1/chat/completions") return chatTarget(query);
  throw notEmulatedByGateway(`endpoint "${endpoint}" of provider "compat"`);
}

/** `@cf/…` runs a model in Workers AI's own shape; `v1/…` is its OpenAI-compatible side, whose body names the model. */
function workersAiTarget(endpoint: string, query: unknown): ModelTarget {
  const native = /^(?:run\/)?(@[^/]+\/.+)$/.exec(endpoint)?.[1];
  if (native !== undefined) {
    return {
      kind: "model",
      provider: "workers-ai",
      model: native,
      ask: (inference, call) => inference.run(call, native, query),
    };
  }
  const open = /^(?:v1\/)?([a-z][a-z/]*)$/.exec(endpoint)?.[1];
  if (open === undefined) throw notEmulatedByGateway(`endpoint "${endpoint}" of provider "workers-ai"`);
  return {
    kind: "model",
    provider: "workers-ai",
    model: modelOf(query) ?? "",
    ask: (inference, call) => inference.openai(call, open, query),
  };
}

function modelOf(query: unknown): string | undefined {
  if (typeof query !== "object" || query === null || !("model" in query)) return undefined;
  return typeof query.model === "string" && query.model !== "" ? query.model : undefined;
}
