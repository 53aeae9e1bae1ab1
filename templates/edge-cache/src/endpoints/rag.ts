import { type Endpoint, endpoint } from "@tenner/worker-kit/endpoint";
import { EVENT_STREAM_HEADERS } from "@tenner/worker-kit/event-stream";
import { usdOf } from "@tenner/worker-kit/ledger";
import { Problem } from "@tenner/worker-kit/problem";
import * as z from "zod";
import {
  type AnswerEvent,
  answerQuestion,
  type DocumentAnswer,
  type DocumentQuestion,
} from "../documents/answer-question.ts";
import { documentAi } from "../documents/document-ai.ts";
import { DocumentStore } from "../documents/document-store.ts";
import type { FoundPassage } from "../documents/find-passages.ts";
import { failureOf, problemOf } from "../failure.ts";
import { type HttpEnv, workOf } from "../http-env.ts";
import { tally } from "../tally.ts";
import { accountError, moneyHeaders } from "./account.ts";
import { noSuchDocument } from "./documents.ts";

/** A filter of Vectorize may have 2 KB. */
const MOST_DOCUMENTS = 50;

const Query = z
  .strictObject({
    question: z.string().trim().min(1).max(2_000),
    documents: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(MOST_DOCUMENTS)
      .optional()
      .describe("Answer from these only. Left out: from all that are ready."),
    top_k: z.int().min(1).max(20).optional().describe("Chunks that the answer is made from, at most."),
    stream: z
      .boolean()
      .default(false)
      .describe("Server-sent events: `sources`, `text` in pieces, `answer`; or `error`."),
  })
  .meta({ id: "DocumentQuestion" });

const Source = z.object({
  number: z.int().describe("As the answer's text names it: `[1]`."),
  document: z.string(),
  name: z.string(),
  chunk: z.int(),
  heading: z.string(),
  similarity: z.number().nullable().describe("Cosine with the question; null where only its words have found it."),
});

const DocumentReply = z
  .object({
    answer: z.string(),
    contained: z.boolean().describe("False: the documents do not hold the answer."),
    reason: z
      .enum(["no_documents", "nothing_near", "model"])
      .nullable()
      .describe("Who says so: no document is ready; nothing in them is near, so no model was asked; the model."),
    citations: z.array(
      z.object({
        number: z.int(),
        document: z.string(),
        name: z.string(),
        chunk: z.int(),
        quote: z.string().describe("Stands in the document exactly so."),
        page: z.int().nullable(),
        start: z.int().describe("Where it begins in the document's text, UTF-16 units."),
      }),
    ),
    notes: z.array(z.string()).describe("What does not follow from the answer: citations that were dropped, say."),
    sources: z.array(Source),
    model: z.string().nullable(),
    stand_in: z.boolean().describe("No model has answered but the local cloud's stand-in for one."),
    cost_usd: z.number(),
  })
  .meta({ id: "DocumentReply" });
type DocumentReply = z.infer<typeof DocumentReply>;

/** Questions about documents. */
export const ragEndpoints: readonly Endpoint<HttpEnv>[] = [
  endpoint({
    method: "post",
    path: "/v1/rag/query",
    operationId: "askDocuments",
    summary: "Ask the tenant's documents",
    description:
      "Answers from the documents, with quotes that really stand in them: each is looked up in its source after the model has answered, and one that does not stand there is dropped and `notes` says so. When the documents do not hold the answer, `contained` is false. What a document says is read, never obeyed.",
    tag: "Documents",
    guard: "submission",
    body: Query,
    responses: { 200: { description: "The answer, or its events", schema: DocumentReply } },
    problems: [404, 409, 429, 502, 503, 504],
    async handle(c, { body }) {
      const work = workOf(c);
      const { env, settings, tenant } = work;
      const startedAt = Date.now();
      const documents = body.documents ? [...new Set(body.documents)] : null;
      if (documents) await checkDocuments(env.DB, tenant, documents);
      const events = answerQuestion(
        { database: env.DB, index: env.CHUNKS, ai: documentAi(env, settings, tenant), settings },
        {
          tenant,
          text: body.question,
          documents,
          topK: body.top_k ?? settings.rag.topK,
          stream: body.stream,
        } satisfies DocumentQuestion,
      );
      const asked: Asked = {
        events,
        count: (answer) =>
          tally(env, work.later, {
            tenant,
            outcome: "bypass",
            model: answer.model ?? settings.models.embedding,
            costNano: answer.costNano,
            savedNano: 0,
            ms: Date.now() - startedAt,
            inputTokens: answer.inputTokens,
            outputTokens: answer.outputTokens,
          }),
        fail: (error) => accountError(work, "auto", error, startedAt),
        later: work.later,
      };
      return body.stream ? streamed(asked) : whole(asked);
    },
  }),
];

interface Asked {
  readonly events: AsyncGenerator<AnswerEvent, void, undefined>;
  /** Counts the request that was answered. */
  readonly count: (answer: DocumentAnswer) => void;
  /** Counts the request that got no answer. */
  readonly fail: (error: unknown) => void;
  readonly later: (work: Promise<unknown>) => void;
}

/** @throws Problem 404 for a document that the tenant does not have, 409 for one that cannot be asked yet */
async function checkDocuments(database: D1Database, tenant: string, ids: readonly string[]): Promise<void> {
  const found = await new DocumentStore(database).findAll(tenant, ids);
  const missing = ids.find((id) => !found.some((document) => document.id === id));
  if (missing !== undefined) throw noSuchDocument(missing);
  const unready = found.find(({ state }) => state !== "ready");
  if (!unready) return;
  throw new Problem(409, "document_not_ready", `document ${unready.id} is ${unready.state}; ask when it is ready`);
}

async function whole({ events, count, fail }: Asked): Promise<Response> {
  let sources: readonly FoundPassage[] = [];
  try {
    for await (const event of events) {
      if (event.kind === "sources") ({ sources } = event);
      if (event.kind !== "answer") continue;
      count(event.answer);
      return Response.json(toReply(event.answer, sources), { headers: headersOf(event.answer) });
    }
    throw new Error("the answer has no end");
  } catch (error) {
    fail(error);
    throw error instanceof Problem ? error : problemOf(failureOf(error));
  }
}

/** What goes wrong before the first event has its status; after it, it is an event. */
async function streamed(asked: Asked): Promise<Response> {
  const { events, count, fail, later } = asked;
  let sources: readonly FoundPassage[] = [];
  let left = false;
  let first: IteratorResult<AnswerEvent, void> | null;
  try {
    first = await events.next();
  } catch (error) {
    fail(error);
    throw error instanceof Problem ? error : problemOf(failureOf(error));
  }
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const send = (name: string, data: object) => {
          if (!left) controller.enqueue(encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
        };
        try {
          const step = first ?? (await events.next());
          first = null;
          if (step.done) {
            if (!left) controller.close();
            return;
          }
          const event = step.value;
          if (event.kind === "sources") {
            ({ sources } = event);
            send("sources", { sources: sources.map(toSource) });
          } else if (event.kind === "text") send("text", { text: event.text });
          else {
            count(event.answer);
            send("answer", toReply(event.answer, sources));
          }
        } catch (error) {
          if (left) return;
          fail(error);
          const { status, code, message } = error instanceof Problem ? error : problemOf(failureOf(error));
          send("error", { status, code, detail: message });
          controller.close();
        }
      },
      async cancel() {
        // The call behind it is settled before this isolate may go.
        left = true;
        const ended = events.return();
        later(ended);
        await ended;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
}

function headersOf({ costNano, standIn }: DocumentAnswer): Record<string, string> {
  return {
    "x-cache": "bypass",
    ...moneyHeaders({ costNano, savedNano: 0 }),
    ...(standIn && { "x-stand-in": "1" }),
    "cache-control": "no-store",
  };
}

function toReply(answer: DocumentAnswer, sources: readonly FoundPassage[]): DocumentReply {
  return {
    answer: answer.text,
    contained: answer.notContained === null,
    reason: answer.notContained,
    citations: answer.citations.map((citation) => ({ ...citation })),
    notes: [...answer.notes],
    sources: sources.map(toSource),
    model: answer.model,
    stand_in: answer.standIn,
    cost_usd: usdOf(answer.costNano),
  };
}

function toSource(
  { document, name, position, heading, similarity }: FoundPassage,
  index: number,
): z.infer<typeof Source> {
  return { number: index + 1, document, name, chunk: position, heading, similarity };
}
