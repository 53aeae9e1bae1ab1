import { readRefusal } from "./refusal.ts";

/** What the client needs of the Worker's AI binding: `env.AI`. */
export interface AiBinding {
  gateway(id: string): {
    run(request: GatewayRequest, options?: { signal?: AbortSignal }): Promise<Response>;
  };
}

/** One request through the gateway. @see https://developers.cloudflare.com/ai-gateway/integrations/worker-binding-methods/ */
export interface GatewayRequest {
  readonly provider: string;
  readonly endpoint: string;
  readonly headers: Record<string, string>;
  readonly query: unknown;
}

/** Sends requests through one gateway. */
export type GatewayTransport = (request: GatewayRequest, signal: AbortSignal) => Promise<Response>;

/**
 * The way through the binding, which is authenticated already: no token of Cloudflare or of a provider is in the Worker.
 * The answer is a good one. @throws Refusal
 */
export function gatewayTransport(binding: AiBinding, gatewayId: string, now: () => number): GatewayTransport {
  return async (request, signal) => {
    const response = await binding.gateway(gatewayId).run(request, { signal });
    if (!response.ok) throw await readRefusal(response, now());
    return response;
  };
}
