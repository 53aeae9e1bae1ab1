import type { RawAnswer } from "../../../models/raw-answer.ts";
import { refusal } from "./answer.ts";
import { runStep } from "./binding-routes.ts";
import { optionsOfHeaders } from "./call-options.ts";
import type { Step } from "./gateway-call.ts";
import { unreachable } from "./gateway-error.ts";
import { providerKey, type ReadHeader } from "./read-call.ts";
import { type ServeCall, Unreachable } from "./serve-call.ts";

/** A call of Workers AI's REST API that names a gateway. Its token was checked on the way. */
interface RestCall {
  readonly accountId: string;
  readonly gatewayId: string;
  readonly header: ReadHeader;
  readonly signal: AbortSignal;
  readonly body: unknown;
}

/** Workers AI's REST API through a gateway: the header `cf-aig-gateway-id`. Refusals are answers. */
export interface RestCalls {
  /** `/ai/run/{model}` */
  run(call: RestCall, model: string): Promise<RawAnswer>;
  /** `/ai/v1/{endpoint}` */
  openai(call: RestCall, endpoint: string): Promise<RawAnswer>;
}

export function restCalls(serve: ServeCall): RestCalls {
  const send = async (call: RestCall, step: () => Pick<Step, "provider" | "endpoint" | "query">) => {
    try {
      const options = optionsOfHeaders(call.header);
      // The authorization is the account's own token, which no provider is meant to see.
      const key = providerKey(
        (name) => (name === "authorization" ? undefined : call.header(name)),
        () => false,
      );
      const { accountId, gatewayId, signal } = call;
      const steps = [{ ...step(), key, options }] as const;
      return await serve({ entrance: "rest", accountId, gatewayId, authorized: true, steps, signal });
    } catch (error) {
      return refusal(error instanceof Unreachable ? unreachable(call.gatewayId) : error, "rest");
    }
  };
  return {
    run: (call, model) => send(call, () => runStep(model, call.body)),
    openai: (call, endpoint) => send(call, () => openStep(endpoint, call.body)),
  };
}

/** A model of another provider, or a route, goes through the compatible endpoint. */
function openStep(endpoint: string, body: unknown): Pick<Step, "provider" | "endpoint" | "query"> {
  const model = typeof body === "object" && body !== null && "model" in body ? body.model : undefined;
  const own = typeof model !== "string" || model.startsWith("@") || endpoint !== "chat/completions";
  return own
    ? { provider: "workers-ai", endpoint: `v1/${endpoint}`, query: body }
    : { provider: "compat", endpoint, query: body };
}
