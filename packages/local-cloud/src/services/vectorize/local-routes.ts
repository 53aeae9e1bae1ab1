import { type Context, Hono } from "hono";
import * as z from "zod";
import { ApiError } from "../../core/api-error.ts";
import { failure } from "../../core/envelope.ts";
import { jsonBody } from "../../core/request-body.ts";
import { Duration } from "../../local-api/duration.ts";
import type { Inference } from "../../models/inference.ts";
import { responseOf } from "../../models/raw-answer.ts";
import type { IndexStore } from "./store.ts";
import type { IndexName, Vectors } from "./vectors.ts";

const Delay = z.strictObject({ delay: Duration });
const AccountQuery = z.object({ account: z.string().min(1) });
const SampleQuery = AccountQuery.extend({
  index: z.string().min(1),
  namespace: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const IndexQuery = AccountQuery.extend({ index: z.string().min(1) });
/** What a text is turned into a vector with. */
const EMBEDDING_MODEL = "@cf/baai/bge-base-en-v1.5";
const TextQuery = z.looseObject({ text: z.string().optional() });
const Embeddings = z.object({ data: z.tuple([z.array(z.number())]) });

export interface LocalRoutesOptions {
  readonly indexes: IndexStore;
  readonly vectors: Vectors;
  /** Turns texts into vectors. */
  readonly inference: Inference;
  readonly newId: () => string;
}

/**
 * Vectorize for people, at `/_local/vectorize`.
 *
 * | route | |
 * |---|---|
 * | `GET /?account=` | the delay of mutations (ms), and the account's indexes with what is in them |
 * | `POST /` `{delay: ms or "2s"}` | how long mutations take from now on |
 * | `GET /vectors?account=&index=&namespace=&limit=` | some vectors without their numbers |
 * | `POST /query?account=&index=` | a query as over REST, or with `text` in place of `vector` |
 */
export function localRoutes({ indexes, vectors, inference, newId }: LocalRoutesOptions): Hono {
  const routes = new Hono();
  routes.onError(failure);
  routes.get("/", async (context) => {
    const { account } = AccountQuery.parse(context.req.query());
    const described = indexes.list(account).map(async ({ name, description, config, created_on }) => ({
      name,
      description,
      ...config,
      createdOn: created_on,
      ...(await stateOrError(vectors, { accountId: account, name })),
    }));
    return context.json({ delay: vectors.delay, indexes: await Promise.all(described) });
  });
  routes.post("/", async (context) => {
    vectors.delay = (await jsonBody(context, Delay)).delay;
    return context.json({ delay: vectors.delay });
  });
  routes.get("/vectors", async (context) => {
    const { account, index, namespace, limit } = SampleQuery.parse(context.req.query());
    return context.json({ vectors: await vectors.sample({ accountId: account, name: index }, namespace, limit) });
  });
  routes.post("/query", async (context) => {
    const { account, index } = IndexQuery.parse(context.req.query());
    const { text, ...query } = await jsonBody(context, TextQuery);
    const body = text === undefined ? query : { ...query, vector: await embed(context, account, text) };
    return context.json(await vectors.query({ accountId: account, name: index }, JSON.stringify(body)));
  });

  async function embed(context: Context, accountId: string, text: string): Promise<number[]> {
    const call = { accountId, id: newId(), signal: context.req.raw.signal };
    const answer = await inference.run(call, EMBEDDING_MODEL, { text: [text] });
    const parsed = Embeddings.safeParse(await responseOf(answer).json());
    if (!parsed.success) throw new ApiError(502, 10_002, `${EMBEDDING_MODEL} answered no vector for the text`);
    return parsed.data.data[0];
  }
  return routes;
}

/** One damaged index does not hide the others. */
async function stateOrError(vectors: Vectors, index: IndexName): Promise<object> {
  try {
    return await vectors.state(index);
  } catch (error) {
    return { error: (error as Error).message };
  }
}
