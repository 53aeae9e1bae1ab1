import { FALLBACK, modelElement, PRIMARY } from "@tenner/local-cloud/testing/two-model-route";

/** A model of another provider, which bills by its own list. */
export const FOREIGN = "openai/gpt-5-nano";

/** Long enough for a busy machine, short enough to wait for. */
export const ATTEMPT_MS = 3_000;

export { FALLBACK, PRIMARY };

/** What the tests' gateways are: two models, and for tenant "capped" a spend limit that the first call passes. */
export const AI_SERVER = {
  routes: {
    chat: [
      { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
      modelElement("primary", PRIMARY, "fallback", ATTEMPT_MS),
      modelElement("fallback", FALLBACK, "end", ATTEMPT_MS),
      { id: "end", type: "end", outputs: {} },
    ],
    foreign: [
      { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
      modelElement("primary", FOREIGN.replace("openai/", ""), "end", ATTEMPT_MS, "openai"),
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
