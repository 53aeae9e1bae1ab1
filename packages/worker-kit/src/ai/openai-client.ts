import OpenAI from "openai";
import type { GatewayTransport } from "./gateway-transport.ts";

/** Longer than any call: what ends a call is its signal. */
const NEVER_MS = 3_600_000;

/**
 * The `openai` SDK over the gateway's compat endpoint. It repeats nothing: the route does. The gateway's own headers
 * of a call (`cf-aig-…`) go along, the SDK's stay behind, with the key that it insists on.
 */
export function openaiClient(send: GatewayTransport): OpenAI {
  return new OpenAI({
    apiKey: "not-used",
    organization: null,
    project: null,
    baseURL: "https://gateway.invalid/",
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: "off",
    async fetch(url, init) {
      const request = new Request(url, init);
      const headers = [...request.headers].filter(([name]) => name.startsWith("cf-aig-"));
      const signal = init?.signal ?? request.signal;
      const response = await send(
        {
          provider: "compat",
          endpoint: new URL(request.url).pathname.slice(1),
          headers: Object.fromEntries(headers),
          query: await request.json(),
        },
        signal,
      );
      return untilAborted(response, signal);
    },
  });
}

/** Ends the body with the signal, which the binding only looks at before the answer begins. */
function untilAborted(response: Response, signal: AbortSignal): Response {
  if (!response.body) return response;
  const body = response.body.pipeThrough(new TransformStream(), { signal });
  return new Response(body, response);
}
