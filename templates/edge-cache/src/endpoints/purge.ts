import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { answers } from "../cache/answers.ts";
import { HELD_MS, raise, scope } from "../cache/generations.ts";
import { type HttpEnv, workOf } from "../http-env.ts";
import { purgeQuestions } from "../semantic/questions.ts";

const names = (what: z.ZodType<string>) => z.array(what).min(1).max(50).optional();

const PurgeRequest = z
  .strictObject({
    all: z.literal(true).optional().describe("Everything of the tenant."),
    keys: names(z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits, as x-cache-key has them")),
    models: names(z.string().min(1).max(200)).describe("Answers of these models, and those that were asked of them."),
    tags: names(z.string().regex(/^[\w.:-]{1,64}$/, "letters, digits and _ . : -, at most 64 of them")),
    tenant: z.string().min(1).max(64).optional().describe("Another tenant than the key's; for admin keys."),
  })
  .refine(({ all, keys, models, tags }) => all ?? keys ?? models ?? tags, {
    error: "say what: `all`, `keys`, `models` or `tags`",
  })
  .meta({ id: "PurgeRequest" });

const Purged = z
  .object({
    tenant: z.string(),
    scopes: z.array(z.string()),
    within_seconds: z.number().describe("After it no purged answer is served anywhere."),
  })
  .meta({ id: "Purged" });

/** Takes kept answers out of use. */
export const purgeEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/cache/purge",
    operationId: "purgeCache",
    summary: "Take kept answers out of use: all, by key, model or tag",
    description: "An answer that is on its way counts as made before the purge.",
    tag: "Cache",
    guard: "tenant",
    body: PurgeRequest,
    responses: { 200: { description: "What was purged", schema: Purged } },
    problems: [403],
    async handle(c, { body }) {
      const caller = c.get("caller");
      const tenant = body.tenant ?? caller.tenant;
      if (tenant !== caller.tenant && caller.scope !== "admin") {
        throw new Problem(403, "admin_only", "only an admin key may purge another tenant's answers");
      }
      const { all, keys = [], models = [], tags = [] } = body;
      const scopes = [
        ...(all ? [scope.all] : []),
        ...keys.map(scope.key),
        ...models.map(scope.model),
        ...tags.map(scope.tag),
      ];
      await raise(c.env.DB, tenant, scopes, now(c.env));
      await purgeQuestions(c.env.DB, tenant, scopes);
      const { env, settings, later } = workOf(c);
      const kept = answers(env, settings.cache, later);
      await Promise.all(keys.map((key) => kept.remove(tenant, key)));
      return c.json({ tenant, scopes, within_seconds: HELD_MS / 1_000 } satisfies z.infer<typeof Purged>);
    },
  }),
];
