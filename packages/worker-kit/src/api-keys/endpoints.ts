import * as z from "zod";
import { now } from "../clock.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { pageOf, pageParameters } from "../paging.ts";
import { Problem } from "../problem.ts";
import { sortableId } from "../sortable-id.ts";
import { ApiKey, KeyRequest } from "./contract.ts";
import type { ApiKeyEnv } from "./guards.ts";
import { KeyStore } from "./key-store.ts";
import { newApiKey } from "./key-text.ts";

const tag = "API keys";

const NewKey = ApiKey.extend({ key: z.string().describe("Shown this once.") }).meta({ id: "NewApiKey" });
const KeyList = z.object({ keys: z.array(ApiKey), next_cursor: z.string().nullable() }).meta({ id: "ApiKeyList" });

/** `/v1/keys`, behind the guard `admin`. */
export function apiKeyEndpoints<E extends ApiKeyEnv>(): readonly Endpoint<E>[] {
  return [
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
        ...pageParameters(/^key_[0-9a-z]{1,60}$/, { usual: 50 }),
      }),
      responses: { 200: { description: "A page of keys", schema: KeyList } },
      problems: [403],
      async handle(c, { query }) {
        const keys = await new KeyStore(c.env.DB).list({ before: query.cursor, limit: query.limit + 1 });
        const { page, nextCursor } = pageOf(keys, query.limit, (key) => key.id);
        return c.json({ keys: page, next_cursor: nextCursor });
      },
    }),

    endpoint({
      method: "delete",
      path: "/v1/keys/:id",
      operationId: "revokeKey",
      summary: "Revoke an API key",
      description:
        "It stops working within five seconds everywhere. The program's own key is a secret of the Worker and is changed there.",
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
}
