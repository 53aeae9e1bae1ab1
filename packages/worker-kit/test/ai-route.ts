/** The route of the tests: the settings' default models, one attempt each. */
export const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
export const FALLBACK = "@cf/mistralai/mistral-small-3.1-24b-instruct";

/** A model of another provider, which bills by its own list. */
export const FOREIGN = "openai/gpt-5-nano";

/** Long enough for a busy machine, short enough to wait for. */
export const ATTEMPT_MS = 3_000;

const model = (id: string, name: string, fallback: string, provider = "workers-ai") => ({
  id,
  type: "model",
  properties: { provider, model: name, timeout: ATTEMPT_MS, retries: 0 },
  outputs: { success: { elementId: "end" }, fallback: { elementId: fallback } },
});

/** What the tests' gateways are: two models, and for tenant "capped" a spend limit that the first call passes. */
export const AI_SERVER = {
  routes: {
    chat: [
      { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
      model("primary", PRIMARY, "fallback"),
      model("fallback", FALLBACK, "end"),
      { id: "end", type: "end", outputs: {} },
    ],
    foreign: [
      { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
      model("primary", FOREIGN.replace("openai/", ""), "end", "openai"),
      { id: "end", type: "end", outputs: {} },
    ],
  },
  gateway: {
    spend_limits: {
      enabled: true,
      rules: [
        {
          id: "cap-of-capped",
          limitType: "cost",
          limit: 0.000000001,
          window: 2_592_000,
          technique: "fixed",
          metadata: { tenant: { mode: "filter", values: ["capped"] } },
        },
      ],
    },
  },
};
