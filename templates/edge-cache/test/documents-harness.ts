import { env, exports } from "cloudflare:workers";
import { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { expect, vi } from "vitest";
import { consumeDocument } from "../src/documents/consume-documents.ts";
import { DocumentStore } from "../src/documents/document-store.ts";
import { fileKey } from "../src/documents/index-document.ts";
import type { DocumentKind } from "../src/domain/documents/document.ts";
import { api, keyOf } from "./harness.ts";

export interface ShownDocument {
  id: string;
  name: string;
  kind: string;
  state: string;
  reason: { code: string; message: string } | null;
  pages: number | null;
  chunks: number | null;
  embedded: number;
}

export interface ShownReply {
  answer: string;
  contained: boolean;
  reason: string | null;
  citations: { number: number; document: string; name: string; chunk: number; quote: string; page: number | null }[];
  notes: string[];
  sources: { document: string; similarity: number | null }[];
}

/** A tenant that nobody else is, with a key. */
export async function newTenant(): Promise<{ tenant: string; key: string }> {
  const tenant = `reader-${crypto.randomUUID().slice(0, 8)}`;
  return { tenant, key: await keyOf(tenant) };
}

/** Uploads a document as a body of its own. */
export function upload(key: string, body: BodyInit, type: string, name = "") {
  return exports.default.fetch(
    `https://edge-cache.test/v1/rag/documents${name && `?name=${encodeURIComponent(name)}`}`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": type },
      body,
    },
  );
}

/** Uploads a document and waits until it is ready, or has failed. */
export async function indexed(
  key: string,
  body: BodyInit,
  type = "text/plain",
  name = "a.txt",
): Promise<ShownDocument> {
  const response = await upload(key, body, type, name);
  expect(response.status, await response.clone().text()).toBe(202);
  const { id } = await response.json<ShownDocument>();
  return vi.waitFor(
    async () => {
      const document = await show(key, id);
      expect(document?.state).toMatch(/ready|failed/);
      return document as ShownDocument; // or the expectation had failed
    },
    { timeout: 30_000, interval: 50 },
  );
}

export async function show(key: string, id: string): Promise<ShownDocument | null> {
  const response = await api("GET", `/v1/rag/documents/${id}`, { key });
  const body = await response.json<ShownDocument>();
  return response.status === 404 ? null : body;
}

/** Asks the documents. */
export async function question(key: string, text: string, more: object = {}): Promise<ShownReply> {
  const response = await api("POST", "/v1/rag/query", { key, body: { question: text, ...more } });
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json<ShownReply>();
}

/** Sets what a question with this word is answered with. */
export async function reply(word: string, { text, json }: { text?: string; json?: object }): Promise<void> {
  await (
    await fetch(`${env.TEST_AI_URL}/replies/${word}`, { method: "POST", body: JSON.stringify({ text, json }) })
  ).text();
}

/** What models were asked with this word in it. */
export async function promptsWith(word: string): Promise<string[]> {
  return (await fetch(`${env.TEST_AI_URL}/prompts/${encodeURIComponent(word)}`)).json<string[]>();
}

/** A document that is there and that no message speaks of. */
export async function placed(tenant: string, text: string, kind: DocumentKind = "text"): Promise<string> {
  const store = new DocumentStore(env.DB);
  const id = sortableId("doc", Date.now());
  await store.begin({ id, tenant, name: "placed.txt", kind }, { most: 1_000, at: Date.now() });
  await env.FILES.put(fileKey({ id, tenant }), text);
  await store.received(id, { bytes: text.length, sha256: "" }, Date.now());
  return id;
}

/** Delivers a document's message, and says what became of it. */
export async function deliver(
  documentId: string,
  { settings = {}, world = {} }: { settings?: object; world?: Partial<Env> } = {},
): Promise<"ack" | "retry" | null> {
  let outcome: "ack" | "retry" | null = null;
  await consumeDocument({ ...env, ...world }, Settings.parse(settings), {
    body: { documentId },
    ack: () => {
      outcome = "ack";
    },
    retry: () => {
      outcome = "retry";
    },
  });
  return outcome;
}

/** A test's document of so many sentences, each with a number of its own. */
export const sentences = (count: number, words: string) =>
  Array.from(
    { length: count },
    (_, index) => `${words} number ${index + 100} says nothing that another one says, but this ${index + 100}.`,
  ).join(" ");
