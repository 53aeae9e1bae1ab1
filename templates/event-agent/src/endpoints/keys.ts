import { newApiKey } from "@tenner/worker-kit/api-keys";
import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { Problem } from "@tenner/worker-kit/problem";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import * as z from "zod";
import { KeyStore } from "../adapters/key-store.ts";
import { ApiKey, KeyRequest } from "../domain/api-key.ts";
import type { HttpEnv } from "../http-env.ts";

const tag = "API keys";

const NewKey = ApiKey.extend({ key: z.string().describe("Shown this once.") }).meta({ id: "NewApiKey" });
const KeyList = z.object({ keys: z.array(ApiKey), next_cursor: z.string().nullable() }).meta({ id: "ApiKeyList" });

/** API keys, for keys with scope "admin". */
export const keyEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/keys",
    operationId: "createKey",
    summary: "Make an API key",
    description:
      "For a tenant, which exists by its keys alone. Only a hash is stored. An `admin` key manages the keys of every tenant: give customers `member` keys.",
    tag,
    guard: "admin",
    body: KeyRequest,
    responses: { 201: { description: "The key, shown this once", schema: NewKey } },
    problems: [403],
    async handle(c, { body }) {
      const at = now(c.env);
      const { key, hash, hint } = await newApiKey();
      const stored = await new KeyStore(c.env.DB).create({
        ...body,
        id: sortableId("key", at),
        hash,
        hint,
        created_at: at,
      });
      return c.json({ ...stored, key }, 201, { "cache-control": "no-store" });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/keys",
    operationId: "listKeys",
    summary: "List API keys, newest first",
    tag,
    guard: "admin",
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(64).optional().describe("`next_cursor` of the page before."),
    }),
    responses: { 200: { description: "A page of keys", schema: KeyList } },
    problems: [403],
    async handle(c, { query }) {
      const keys = await new KeyStore(c.env.DB).list({ before: query.cursor, limit: query.limit + 1 });
      const page = keys.slice(0, query.limit);
      return c.json({ keys: page, next_cursor: keys.length > query.limit ? (page.at(-1)?.id ?? null) : null });
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/keys/:id",
    operationId: "revokeKey",
    summary: "Revoke an API key",
    description: "It stops working at once. The program's own key is a secret of the Worker and is changed there.",
    tag,
    guard: "admin",
    responses: { 200: { description: "The revoked key", schema: ApiKey } },
    problems: [403, 404],
    async handle(c) {
      const key = await new KeyStore(c.env.DB).revoke(c.req.param("id") ?? "", now(c.env));
      if (!key) throw new Problem(404, "not_found", "there is no such key");
      return c.json(key);
    },
  }),
];
