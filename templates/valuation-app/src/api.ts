import { httpApi } from "@tenner/worker-kit/http-api";
import type { Hono } from "hono";
import { pictureEndpoints } from "./endpoints/pictures.ts";
import { valuationEndpoints } from "./endpoints/valuations.ts";
import type { HttpEnv } from "./http-env.ts";

/** What is answered by the API; everything else is a page. */
const API_PATH = /^\/(?:v1|pictures)\/|^\/(?:health|docs|openapi\.json)$/;

/** Whether a path belongs to the API. */
export function isApiPath(pathname: string): boolean {
  return API_PATH.test(pathname);
}

/** The HTTP API. */
export function api(): Hono<HttpEnv> {
  return httpApi<HttpEnv>({
    name: "valuation-app",
    title: "Valuation app",
    description:
      "Describe a thing; get its price, how sure that is, its tier, a picture, and what the money buys in AI tokens. Within the budget a model answers; beyond it, or when the models are down, the deterministic estimate does.",
    tokens: true,
    endpoints: [...valuationEndpoints, ...pictureEndpoints],
  });
}
