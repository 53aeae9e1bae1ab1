import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import type { HttpEnv } from "../http-env.ts";
import { modelsOfStack } from "../routing/models-of-stack.ts";
import { ROUTE } from "../upstream.ts";

const Model = z
  .object({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })
  .meta({ id: "Model" });
const ModelList = z.object({ object: z.literal("list"), data: z.array(Model) }).meta({ id: "ModelList" });

/** OpenAI's list of models: the stack's route, the models on it and in the settings, and the one for embeddings. */
export const modelEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/models",
    operationId: "listModels",
    summary: "List what can be asked",
    tag: "OpenAI",
    guard: "tenant",
    responses: { 200: { description: "All of them", schema: ModelList } },
    handle: (c) => {
      const data = modelsOf(c.env, c.get("settings"));
      return c.json({ object: "list", data } satisfies z.infer<typeof ModelList>);
    },
  }),
  endpoint({
    method: "get",
    path: "/v1/models/:model",
    operationId: "getModel",
    summary: "Look at one; its slashes are written as %2F",
    tag: "OpenAI",
    guard: "tenant",
    responses: { 200: { description: "The model", schema: Model } },
    problems: [404],
    handle(c) {
      const id = c.req.param("model");
      const found = modelsOf(c.env, c.get("settings")).find((model) => model.id === id);
      if (!found) throw new Problem(404, "model_not_found", `there is no model "${id}"; GET /v1/models lists them`);
      return c.json(found);
    },
  }),
];

function modelsOf(env: Env, settings: Settings): z.infer<typeof Model>[] {
  return [ROUTE, ...new Set([...modelsOfStack(env, settings), settings.models.embedding])].map((id) => ({
    id,
    object: "model",
    created: 0,
    owned_by: id === ROUTE ? "tenner" : (/^@cf\/([^/]+)/.exec(id)?.[1] ?? id.split("/")[0] ?? id),
  }));
}
