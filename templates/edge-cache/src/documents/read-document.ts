import { extractText } from "@tenner/worker-kit/extract-text";
import { type DocumentKind, DocumentProblem } from "../domain/documents/document.ts";
import type { PageBreak } from "../domain/documents/page-of.ts";

/** A document's text. */
export interface DocumentText {
  readonly text: string;
  /** Null where it has none. */
  readonly pages: number | null;
  readonly breaks: readonly PageBreak[];
}

/** The text of a document. @throws DocumentProblem, which says what is wrong with it */
export async function readDocument(
  bytes: Uint8Array<ArrayBuffer>,
  kind: DocumentKind,
  { maxPages }: { readonly maxPages: number },
): Promise<DocumentText> {
  if (kind === "pdf") {
    // The reader of PDFs is two thirds of the bundle: it is set up when the first one comes.
    const { readPdf } = await import("./read-pdf.ts");
    return readPdf(bytes, maxPages);
  }
  const decoded = decode(bytes);
  const text = kind === "html" ? extractText(decoded, "html", { structure: true }) : decoded.replace(/\r\n?/g, "\n");
  if (!/[\p{L}\p{N}]/u.test(text)) throw new DocumentProblem("empty", "there is no text in it");
  return { text, pages: null, breaks: [] };
}

/** @throws DocumentProblem `not_text` */
function decode(bytes: Uint8Array<ArrayBuffer>): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Said below.
  }
  throw new DocumentProblem("not_text", "it is not text in UTF-8 or UTF-16: save it so, or say its right content type");
}
