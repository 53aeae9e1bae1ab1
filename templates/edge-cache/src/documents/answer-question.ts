import { type AiAnswer, type AiClient, AiError, zodShape } from "@tenner/worker-kit/ai";
import { log } from "@tenner/worker-kit/log";
import type { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import { AnswerReader, type ReadAnswer } from "../domain/documents/answer-reader.ts";
import { type CheckedClaim, checkClaims, citeVerbatim, withoutUnproven } from "../domain/documents/check-citations.ts";
import { passagesThatMayAnswer } from "../domain/documents/may-answer.ts";
import { pageOf } from "../domain/documents/page-of.ts";
import { questionPrompt, repairPrompt } from "../domain/documents/question-prompt.ts";
import { DocumentStore } from "./document-store.ts";
import { type FoundPassage, findPassages } from "./find-passages.ts";

/** A question about documents. */
export interface DocumentQuestion {
  readonly tenant: string;
  readonly text: string;
  /** Of these only; null: of all that the tenant has. */
  readonly documents: readonly string[] | null;
  readonly topK: number;
  /** Whether the answer's text is wanted while it is made. */
  readonly stream: boolean;
}

/** Words of a source that prove a statement; they stand in it exactly so. */
interface Citation {
  /** As the answer's text names it: `[1]`. */
  readonly number: number;
  readonly document: string;
  readonly name: string;
  readonly chunk: number;
  readonly quote: string;
  readonly page: number | null;
  /** Where the quote begins in the document's text, UTF-16 units. */
  readonly start: number;
}

/** Why there is no answer. `no_documents`: none is ready. `nothing_near`: no model was asked. `model`: it says so itself. */
type NotContained = "no_documents" | "nothing_near" | "model";

export interface DocumentAnswer {
  readonly text: string;
  readonly notContained: NotContained | null;
  readonly citations: readonly Citation[];
  /** What does not follow from the answer itself: a citation that was dropped, say. */
  readonly notes: readonly string[];
  readonly model: string | null;
  readonly standIn: boolean;
  readonly costNano: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What comes of a question: what was found, the text in pieces when it is streamed, and last the whole. */
export type AnswerEvent =
  | { readonly kind: "sources"; readonly sources: readonly FoundPassage[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "answer"; readonly answer: DocumentAnswer };

const NOT_CONTAINED_TEXT = "The documents do not contain this.";
/** Enough for an answer and its quotes. */
const MOST_OUTPUT_TOKENS = 1_024;

const Repair = z.object({
  citations: z.array(z.object({ source: z.int().min(1), quote: z.string().max(600) })).max(10),
});

/**
 * Answers a question from documents. What a model says is taken for what it is: its quotes are looked up in the sources,
 * and a source that was not found for this tenant cannot be cited at all.
 *
 * @throws AiError
 */
export async function* answerQuestion(
  world: {
    readonly database: D1Database;
    readonly index: VectorizeIndex;
    readonly ai: AiClient;
    readonly settings: Settings;
  },
  question: DocumentQuestion,
): AsyncGenerator<AnswerEvent, void, undefined> {
  const { tenant, text, documents, topK } = question;
  const nothing = {
    text: NOT_CONTAINED_TEXT,
    citations: [],
    notes: [],
    model: null,
    standIn: false,
    costNano: 0,
    inputTokens: 0,
    outputTokens: 0,
  };
  if ((await new DocumentStore(world.database).countReady(tenant)) === 0) {
    yield { kind: "sources", sources: [] };
    yield { kind: "answer", answer: { ...nothing, notContained: "no_documents" } };
    return;
  }
  const {
    passages: found,
    similarity,
    byMeaning,
    costNano,
  } = await findPassages(world, tenant, text, {
    documents,
    most: topK,
  });
  const { minSimilarity } = world.settings.rag;
  const passages = passagesThatMayAnswer(text, found, { similarity, minSimilarity });
  yield { kind: "sources", sources: passages };
  const notes = byMeaning ? [] : ["documents could be searched by words only, not by meaning"];
  if (passages.length === 0) {
    yield { kind: "answer", answer: { ...nothing, notContained: "nothing_near", notes, costNano } };
    return;
  }
  const { answer, read } = yield* ask(world, question, passages);
  const spent = {
    model: answer.model,
    standIn: answer.standIn,
    costNano: costNano + answer.costNano,
    inputTokens: answer.usage.inputTokens,
    outputTokens: answer.usage.outputTokens,
  };
  if (read.refused || read.text === "") {
    yield { kind: "answer", answer: { ...nothing, ...spent, notContained: "model", notes } };
    return;
  }
  const proof = await prove(world, question, passages, read);
  const proven = withoutUnproven(read.text, proof.claims);
  yield {
    kind: "answer",
    answer: {
      ...spent,
      text: proven,
      notContained: null,
      citations: proof.claims.map((claim) => citationOf(claim, passages)),
      notes: [...notes, ...proof.notes],
      costNano: spent.costNano + proof.costNano,
    },
  };
}

async function* ask(
  { ai, settings }: { readonly ai: AiClient; readonly settings: Settings },
  { text, stream }: DocumentQuestion,
  sources: readonly FoundPassage[],
): AsyncGenerator<AnswerEvent, { answer: AiAnswer<string>; read: ReadAnswer }, undefined> {
  const query = {
    ...questionPrompt(text, sources),
    temperature: 0,
    maxOutputTokens: Math.min(MOST_OUTPUT_TOKENS, settings.limits.maxOutputTokens),
  };
  const reader = new AnswerReader();
  if (!stream) {
    const answer = await ai.text(query);
    reader.add(answer.value);
    reader.end();
    return { answer, read: reader.result() };
  }
  const coming = await ai.stream(query);
  for await (const piece of coming.text) {
    const shown = reader.add(piece);
    if (shown !== "") yield { kind: "text", text: shown };
  }
  const rest = reader.end();
  if (rest !== "") yield { kind: "text", text: rest };
  return { answer: await coming.answer, read: reader.result() };
}

/** Quotes for an answer: the model's own, else the sentences that it has copied, else what it says when it is asked once more. */
async function prove(
  { ai, settings }: { readonly ai: AiClient; readonly settings: Settings },
  { text }: DocumentQuestion,
  sources: readonly FoundPassage[],
  read: ReadAnswer,
): Promise<{ claims: readonly CheckedClaim[]; notes: string[]; costNano: number }> {
  const own = checkClaims(read.claims, sources);
  const kept = own.kept.length > 0 ? own.kept : citeVerbatim(read.text, sources);
  const dropped =
    own.dropped > 0 ? [`${counted(own.dropped)} dropped: what the model quoted does not stand in the sources`] : [];
  if (kept.length > 0) return { claims: kept, notes: dropped, costNano: 0 };
  try {
    const { value, costNano } = await ai.structured(
      {
        ...repairPrompt(text, sources, read.text),
        temperature: 0,
        maxOutputTokens: Math.min(MOST_OUTPUT_TOKENS, settings.limits.maxOutputTokens),
      },
      zodShape(Repair),
    );
    const repaired = checkClaims(value.citations, sources).kept;
    const notes = repaired.length > 0 ? ["the model was asked a second time for its quotes"] : [...dropped, UNPROVEN];
    return { claims: repaired, notes, costNano };
  } catch (error) {
    if (!(error instanceof AiError)) throw error;
    log("info", "citations_not_repaired", { code: error.code });
    return { claims: [], notes: [...dropped, UNPROVEN], costNano: 0 };
  }
}

const UNPROVEN = "nothing in the sources proves this answer word by word; check it";

function counted(citations: number): string {
  return citations === 1 ? "a citation was" : `${citations} citations were`;
}

function citationOf({ source, quote, start }: CheckedClaim, passages: readonly FoundPassage[]): Citation {
  const passage = passages[source - 1];
  if (!passage) throw new RangeError(`there is no source ${source}`); // `checkClaims` lets none through
  return {
    number: source,
    document: passage.document,
    name: passage.name,
    chunk: passage.position,
    quote,
    page: pageOf(passage.pages, start),
    start: passage.start + start,
  };
}
