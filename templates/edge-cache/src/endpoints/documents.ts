import { now } from "@tenner/worker-kit/clock";
import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { usdOf } from "@tenner/worker-kit/ledger";
import { pageOf, pageParameters } from "@tenner/worker-kit/paging";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import { sendDocument } from "../documents/consume-documents.ts";
import { DocumentStore } from "../documents/document-store.ts";
import { receiveDocument } from "../documents/receive-document.ts";
import { DocumentKind, type DocumentRecord } from "../domain/documents/document.ts";
import type { HttpEnv } from "../http-env.ts";

const tag = "Documents";

const ShownState = z
  .enum(["queued", "indexing", "ready", "failed", "deleting"])
  .describe("`deleting`: nothing of it is found any more; when all of it is gone, it is 404.");

const Document = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: DocumentKind,
    bytes: z.int(),
    sha256: z.string().describe("Of its bytes, hexadecimal."),
    state: ShownState,
    reason: z
      .object({ code: z.string().describe("Stable: programs decide by it."), message: z.string() })
      .nullable()
      .describe("Why it failed, or what it waits for."),
    pages: z.int().nullable(),
    chunks: z.int().nullable().describe("Null until it is split."),
    embedded: z.int().describe("Chunks that can be found by their meaning."),
    cost_usd: z.number(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: "Document" });

const DOCUMENT_ID = /^doc_[0-9a-z]{26}$/;
const NameQuery = z.strictObject({ name: z.string().min(1).max(1_000).optional() });
const ListQuery = z.strictObject({ state: ShownState.optional(), ...pageParameters(DOCUMENT_ID) });
const DocumentList = z
  .object({ documents: z.array(Document), next_cursor: z.string().nullable() })
  .meta({ id: "DocumentList" });

/** Documents: upload, look, remove. */
export const documentEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/rag/documents",
    operationId: "uploadDocument",
    summary: "Upload a document to ask about",
    description:
      "The body is the document itself, with its content type and its `name` in the query; or a form with the part `file`. It is answered when its bytes are kept; it is read, split and indexed afterwards: `state` says how far that is. Text and Markdown are UTF-8 or UTF-16.",
    tag,
    guard: "submission",
    query: NameQuery,
    otherBodies: {
      "multipart/form-data": "The part `file` is the document, the part `name` what it shall be called.",
      "text/plain": "The document.",
      "text/markdown": "The document.",
      "text/html": "The document.",
      "application/pdf": "The document: one with text, not pictures of pages.",
    },
    responses: { 202: { description: "Taken. `location` is the document's address.", schema: Document } },
    problems: [409, 429],
    async handle(c, { query }) {
      const { tenant } = c.get("caller");
      const record = await receiveDocument({
        env: c.env,
        settings: c.get("settings").rag,
        tenant,
        request: c.req.raw,
        name: query.name,
        at: () => now(c.env),
        waitUntil: (work) => c.executionCtx.waitUntil(work),
      });
      await sendDocument(c.env, record.id);
      return c.json(toDocument(record), 202, { location: `/v1/rag/documents/${record.id}` });
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/rag/documents",
    operationId: "listDocuments",
    summary: "List documents, newest first",
    tag,
    guard: "tenant",
    query: ListQuery,
    responses: { 200: { description: "A page of documents", schema: DocumentList } },
    async handle(c, { query }) {
      const records = await new DocumentStore(c.env.DB).list(c.get("caller").tenant, {
        state: query.state,
        before: query.cursor,
        limit: query.limit + 1,
      });
      const { page, nextCursor } = pageOf(records, query.limit, ({ id }) => id);
      const list: z.infer<typeof DocumentList> = { documents: page.map(toDocument), next_cursor: nextCursor };
      return c.json(list, 200, NOT_KEPT);
    },
  }),

  endpoint({
    method: "get",
    path: "/v1/rag/documents/:id",
    operationId: "getDocument",
    summary: "Get a document",
    tag,
    guard: "tenant",
    responses: { 200: { description: "The document", schema: Document } },
    problems: [404],
    async handle(c) {
      const id = c.req.param("id") ?? "";
      const record = await new DocumentStore(c.env.DB).find(c.get("caller").tenant, id);
      if (!record) throw noSuchDocument(id);
      return c.json(toDocument(record), 200, NOT_KEPT);
    },
  }),

  endpoint({
    method: "delete",
    path: "/v1/rag/documents/:id",
    operationId: "deleteDocument",
    summary: "Remove a document with everything of it",
    description:
      "From now on nothing of it is found. Its bytes, chunks and vectors are removed in the background; when the vectors can be seen to be gone, the document is 404.",
    tag,
    guard: "tenant",
    responses: { 202: { description: "It is being removed", schema: Document } },
    problems: [404],
    async handle(c) {
      const id = c.req.param("id") ?? "";
      const record = await new DocumentStore(c.env.DB).markDeleting(c.get("caller").tenant, id, now(c.env));
      if (!record) throw noSuchDocument(id);
      await sendDocument(c.env, id);
      return c.json(toDocument(record), 202, NOT_KEPT);
    },
  }),
];

const NOT_KEPT = { "cache-control": "no-store" };

export function noSuchDocument(id: string): Problem {
  return new Problem(404, "not_found", `there is no document ${JSON.stringify(id.slice(0, 40))}`);
}

function toDocument(record: DocumentRecord): z.infer<typeof Document> {
  const { id, name, kind, bytes, sha256, reason, message, pages, chunks, embedded } = record;
  return {
    id,
    name,
    kind,
    bytes,
    sha256,
    state: ShownState.parse(record.state),
    reason: reason === null ? null : { code: reason, message: message ?? "" },
    pages,
    chunks,
    embedded,
    cost_usd: usdOf(record.cost_nano),
    created_at: new Date(record.created_at).toISOString(),
    updated_at: new Date(record.updated_at).toISOString(),
  };
}
