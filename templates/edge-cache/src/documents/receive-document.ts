import { log } from "@tenner/worker-kit/log";
import { Problem } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import { sortableId } from "@tenner/worker-kit/sortable-id";
import { StreamCutOff, StreamEmpty, StreamTooLong, storeStream } from "@tenner/worker-kit/store-stream";
import { CONTENT_TYPES, type DocumentKind, type DocumentRecord, kindOf } from "../domain/documents/document.ts";
import { DocumentStore } from "./document-store.ts";
import { fileKey } from "./index-document.ts";

/** A document that arrives. */
interface Arrival {
  readonly name: string;
  readonly kind: DocumentKind;
  readonly stream: ReadableStream<Uint8Array>;
  /** What the sender announced; null: nothing. */
  readonly bytes: number | null;
}

/** What receiving needs of a request. */
export interface Receiving {
  readonly env: Env;
  readonly settings: Settings["rag"];
  readonly tenant: string;
  readonly request: Request;
  /** As the query says it. */
  readonly name: string | undefined;
  readonly at: () => number;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Of a form, besides the document itself. */
const FORM_BYTES = 16_384;
const LONGEST_NAME = 200;

/**
 * Takes a document in: the body itself, or the part `file` of a form. It is streamed into R2; it is there whole or not
 * at all.
 *
 * @throws Problem 400, 409, 413, 415
 */
export async function receiveDocument(receiving: Receiving): Promise<DocumentRecord> {
  const { env, settings, tenant, at, waitUntil } = receiving;
  const arrival = await arrivalOf(receiving);
  const { name, kind } = arrival;
  const documents = new DocumentStore(env.DB);
  const id = sortableId("doc", at());
  if (!(await documents.begin({ id, tenant, name, kind }, { most: settings.maxDocumentsPerTenant, at: at() }))) {
    const detail = `there are ${settings.maxDocumentsPerTenant} documents, which is the most; delete some first`;
    throw new Problem(409, "too_many_documents", detail);
  }
  const stored = store(env.FILES, arrival, { key: fileKey({ id, tenant }), maxBytes: settings.maxDocumentBytes });
  // Also when the sender is gone: half a document is not kept.
  waitUntil(stored.catch(() => documents.abandon(id)));
  const { bytes, sha256 } = await stored;
  return documents.received(id, { bytes, sha256 }, at());
}

async function store(files: R2Bucket, { stream, kind, bytes }: Arrival, to: { key: string; maxBytes: number }) {
  try {
    return await storeStream(files, stream, {
      ...to,
      announcedBytes: bytes,
      metadata: { customMetadata: { kind } },
    });
  } catch (error) {
    if (error instanceof StreamTooLong) throw tooLarge(to.maxBytes);
    if (error instanceof StreamEmpty) throw new Problem(400, "empty_document", "the document has no bytes");
    if (error instanceof StreamCutOff) {
      const detail = "the upload broke off before its end; nothing of it was kept: send it again";
      throw new Problem(400, "upload_cut_off", detail, { cause: error });
    }
    throw error;
  }
}

async function arrivalOf({ request, name, settings }: Receiving): Promise<Arrival> {
  const { headers } = request;
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") throw unsupported(`content-encoding ${encoding}`);
  const announced = headers.get("content-length");
  const bytes = announced === null ? null : Number(announced);
  const type = headers.get("content-type");
  const isForm = /^multipart\/form-data\b/i.test(type ?? "");
  if (bytes !== null && bytes > settings.maxDocumentBytes + (isForm ? FORM_BYTES : 0)) {
    throw tooLarge(settings.maxDocumentBytes);
  }
  if (!request.body) throw new Problem(400, "empty_document", "the document has no bytes");
  if (isForm) return partOf(request.body, type ?? "", { name, maxBytes: settings.maxDocumentBytes });
  const called = cleanName(name ?? "");
  return { name: called, kind: kindOrRefuse(type, called), stream: request.body, bytes };
}

/** A form is read whole, for its parts have no length; more than the document's bytes and a little is not read. */
async function partOf(
  body: ReadableStream<Uint8Array>,
  type: string,
  { name, maxBytes }: { readonly name: string | undefined; readonly maxBytes: number },
): Promise<Arrival> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const part of body) {
    total += part.length;
    // Leaving the loop cancels the stream.
    if (total > maxBytes + FORM_BYTES) throw tooLarge(maxBytes);
    parts.push(part);
  }
  let form: FormData;
  try {
    form = await new Response(new Blob(parts), { headers: { "content-type": type } }).formData();
  } catch (error) {
    log("info", "form_unreadable", { message: String(error) });
    throw new Problem(400, "invalid_form", "the body is not multipart/form-data as its content type says");
  }
  const file = form.get("file");
  if (!(file instanceof File)) {
    throw new Problem(400, "invalid_form", "the form has no file in its part `file`", {
      errors: [{ path: "/file", message: "is not a file" }],
    });
  }
  const said = form.get("name");
  const called = cleanName(name ?? (typeof said === "string" && said !== "" ? said : file.name));
  // A browser's guess of a type says no more than the name.
  const kind = kindOrRefuse(file.type || null, called || file.name);
  return { name: called, kind, stream: file.stream(), bytes: file.size };
}

function kindOrRefuse(type: string | null, name: string): DocumentKind {
  const kind = kindOf(type, name);
  if (kind) return kind;
  throw unsupported(type ?? "a document without a type");
}

/** A name to be shown: one line, no path. */
function cleanName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? "";
  const visible = base.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").trim();
  return Array.from(visible).slice(0, LONGEST_NAME).join("");
}

function unsupported(sent: string): Problem {
  const detail = `send plain text, Markdown, HTML or PDF with its content type (or a name that says it), not compressed; this is ${sent}`;
  return new Problem(415, "unsupported_media_type", detail, {
    headers: { accept: [...Object.keys(CONTENT_TYPES), "multipart/form-data"].join(", ") },
  });
}

function tooLarge(maxBytes: number): Problem {
  return new Problem(413, "body_too_large", `a document may have ${maxBytes} bytes`);
}
