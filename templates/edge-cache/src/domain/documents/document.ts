import * as z from "zod";

/** What a document is written in. */
export const DocumentKind = z.enum(["text", "markdown", "html", "pdf"]);
export type DocumentKind = z.infer<typeof DocumentKind>;

/** `receiving` is never shown: its bytes are still on their way. `deleting`: nothing of it is found any more, and its parts are being removed. */
export type DocumentState = "receiving" | "queued" | "indexing" | "ready" | "failed" | "deleting";

/** A document as the database has it. Times are milliseconds since 1970. */
export interface DocumentRecord {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly kind: DocumentKind;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: DocumentState;
  /** Why it failed, or what it waits for. */
  readonly reason: string | null;
  readonly message: string | null;
  /** Null where there are none, or they are not counted yet. */
  readonly pages: number | null;
  /** Null until it is split. */
  readonly chunks: number | null;
  /** Chunks that can be found by their meaning. */
  readonly embedded: number;
  readonly cost_nano: number;
  readonly attempts: number;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A document that cannot be indexed, however often it is tried. */
export class DocumentProblem extends Error {
  override readonly name = "DocumentProblem";
  /** Stable: programs decide by it. */
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The forms that are taken. */
export const CONTENT_TYPES: Readonly<Record<string, DocumentKind>> = {
  "text/plain": "text",
  "text/markdown": "markdown",
  "text/x-markdown": "markdown",
  "text/html": "html",
  "application/xhtml+xml": "html",
  "application/pdf": "pdf",
};

const EXTENSIONS: readonly [RegExp, DocumentKind][] = [
  [/\.(?:md|markdown)$/i, "markdown"],
  [/\.x?html?$/i, "html"],
  [/\.pdf$/i, "pdf"],
  [/\.(?:txt|text)$/i, "text"],
];

/** Types that browsers and curl give to what they do not know: the name then says more. */
const VAGUE = new Set(["", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]);

/** What a document is by its content type, or by its name where that says little; null: none of ours. */
export function kindOf(contentType: string | null, name: string): DocumentKind | null {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  const named = EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
  if (VAGUE.has(type) && named) return named;
  return CONTENT_TYPES[type] ?? null;
}
