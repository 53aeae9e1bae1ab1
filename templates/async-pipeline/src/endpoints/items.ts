import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { ItemStore } from "../adapters/item-store.ts";
import { Item, type ItemRecord, ItemStatus, toItem } from "../domain/item.ts";
import type { HttpEnv } from "../http-env.ts";
import { resultLines, resultText } from "../results.ts";
import { ownBatch } from "./own-batch.ts";

const tag = "Items";

const ItemQuery = z.strictObject({
  status: ItemStatus.optional(),
  reason: z.string().min(1).max(100).optional().describe("Only items with this `reason`."),
  ...pageParameters(/^\d{1,7}$/, { most: 500, usual: 50 }),
});
const ItemList = z.object({ items: z.array(Item), next_cursor: z.string().nullable() }).meta({ id: "ItemList" });

const WholeItem = Item.extend({
  input: z.unknown().describe("What was submitted; null when it could not be read."),
  result: z.unknown().describe("Null unless the item is done."),
}).meta({ id: "WholeItem" });

const Failures = z
  .object({
    failures: z.array(
      z.object({
        reason: z.string(),
        step: z.string().nullable(),
        count: z.int().min(1),
        message: z.string().nullable().describe("Of the first of them."),
        position: z.int().describe("Of the first of them."),
      }),
    ),
  })
  .meta({ id: "Failures" });

const ResultQuery = z.strictObject({
  after: z.coerce.number().int().min(-1).default(-1).describe("Only items after this position, to resume a download."),
});

/** What became of a batch's items. */
export const itemEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "get",
    path: "/v1/batches/:id/items",
    operationId: "listItems",
    summary: "List a batch's items, in the order of the source",
    tag,
    guard: "tenant",
    query: ItemQuery,
    responses: { 200: { description: "A page of items", schema: ItemList } },
    problems: [404],
    async handle(c, { query }) {
      const batch = await ownBatch(c);
      const rows = await new ItemStore(c.env.DB).list(batch.id, {
        status: query.status,
        reason: query.reason,
        after: query.cursor === undefined ? -1 : Number(query.cursor),
        limit: query.limit + 1,
      });
      const { page, nextCursor } = pageOf(rows, query.limit, ({ position }) => String(position));
      return c.json({ items: page.map(toItem), next_cursor: nextCursor } satisfies z.infer<typeof ItemList>);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/batches/:id/items/:position",
    operationId: "getItem",
    summary: "Get an item with its input and its result",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The item", schema: WholeItem } },
    problems: [404],
    async handle(c) {
      const batch = await ownBatch(c);
      const given = c.req.param("position") ?? "";
      const item = /^\d{1,7}$/.test(given) ? await new ItemStore(c.env.DB).get(batch.id, Number(given)) : null;
      if (!item) throw new Problem(404, "not_found", "the batch has no item at this position");
      const [input, result] = await Promise.all([inputText(c.env.FILES, item), resultText(c.env.FILES, item)]);
      return c.json({ ...toItem(item), input: parsed(input), result: parsed(result) });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/batches/:id/failures",
    operationId: "listFailures",
    summary: "List why items are dead, by reason and step",
    description: "The most frequent first. Send them round again with `redrive`, all or by `reason`.",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The groups", schema: Failures } },
    problems: [404],
    async handle(c) {
      const batch = await ownBatch(c);
      const failures = await new ItemStore(c.env.DB).failures(batch.id);
      return c.json({ failures } satisfies z.infer<typeof Failures>);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/batches/:id/results",
    operationId: "downloadResults",
    summary: "Download the results",
    description:
      "NDJSON, a line for each done item in the order of the source: `position`, `line`, `result`. While the batch runs it holds what is done so far.",
    tag,
    guard: "tenant",
    query: ResultQuery,
    responses: { 200: { description: "The results", contentType: "application/x-ndjson" } },
    problems: [404],
    async handle(c, { query }) {
      const batch = await ownBatch(c);
      const headers = {
        "content-type": "application/x-ndjson; charset=utf-8",
        "content-disposition": `attachment; filename="${batch.id}.ndjson"`,
        "cache-control": "no-store",
      };
      if (c.req.method === "HEAD") return c.body(null, 200, headers);
      return c.body(resultLines(c.env, batch.id, query.after), 200, headers);
    },
  }),
];

/** The JSON of what was submitted; null when there was nothing to keep, or it has been removed. */
async function inputText(files: R2Bucket, item: ItemRecord): Promise<string | null> {
  const { payload_key: key, payload_offset: offset, payload_length: length } = item;
  if (key === null || offset === null || length === null) return null;
  const part = await files.get(key, { range: { offset, length } });
  return part ? part.text() : null;
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
