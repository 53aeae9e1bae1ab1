/** The models of a test's route, first and second. */
export const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
export const FALLBACK = "@cf/mistralai/mistral-small-3.1-24b-instruct";

/** A route's element that asks a model once. @param fallback the element after a failure */
export function modelElement(id: string, model: string, fallback: string, timeout: number, provider = "workers-ai") {
  return {
    id,
    type: "model",
    properties: { provider, model, timeout, retries: 0 },
    outputs: { success: { elementId: "end" }, fallback: { elementId: fallback } },
  };
}

/** A gateway with the route `chat` over both models, each asked once: as a Worker knows it, and its elements as the cloud has them. */
export function twoModelRoute(gatewayId: string, timeoutMs: number) {
  return {
    gateway: {
      id: gatewayId,
      route: "chat",
      models: [PRIMARY, FALLBACK].map((name) => ({ model: name, attempts: 1, timeoutMs })),
    },
    routes: {
      chat: [
        { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
        modelElement("primary", PRIMARY, "fallback", timeoutMs),
        modelElement("fallback", FALLBACK, "end", timeoutMs),
        { id: "end", type: "end", outputs: {} },
      ],
    },
  };
}

/** Spend limits that the first call passes. */
export const SPENT_BY_ONE_CALL = {
  enabled: true,
  rules: [
    { id: "tiny", enabled: true, limitType: "cost", limit: 0.000_000_001, window: 2_592_000, technique: "fixed" },
  ],
};

/** Makes the one call that such a gateway has let through. */
export async function spendIt(url: string, gatewayId: string): Promise<void> {
  const query = { model: PRIMARY, messages: [{ role: "user", content: "the first call" }] };
  const response = await fetch(`${url}/ai-gateway/universal/run/${gatewayId}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ provider: "workers-ai", endpoint: "v1/chat/completions", headers: {}, query }]),
  });
  if (!response.ok) throw new Error(`the first call: ${response.status} ${await response.text()}`);
  await response.text();
}
