import { extractText, getDocumentProxy } from "unpdf";
import { DocumentProblem } from "../domain/documents/document.ts";
import type { DocumentText } from "./read-document.ts";

/** What PDF.js calls its failures, and what they mean for whoever sent the file. */
const FAILURES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  PasswordException: ["encrypted_pdf", "it is protected with a password: save it without one"],
  InvalidPDFException: ["broken_pdf", "it is not a PDF, or a broken one: open it and save it anew"],
};

/** No errors on the log but ours. */
const QUIET = 0;

/**
 * The text of a PDF with its pages, by PDF.js: the file's own text, no recognition of pictures.
 * @throws DocumentProblem `encrypted_pdf`, `broken_pdf`, `scanned_pdf`, `too_many_pages`
 */
export async function readPdf(bytes: Uint8Array<ArrayBuffer>, maxPages: number): Promise<DocumentText> {
  const pages = await pagesOf(bytes, maxPages);
  let text = "";
  const breaks = pages.map((page, index) => {
    const start = text.length;
    text += `${page}\n\n`;
    return { page: index + 1, start };
  });
  if (!/[\p{L}\p{N}]/u.test(text)) {
    const message =
      "it has pages and no text: they are pictures, such as of a scanner; run text recognition (OCR) first";
    throw new DocumentProblem("scanned_pdf", message);
  }
  return { text, pages: pages.length, breaks };
}

async function pagesOf(bytes: Uint8Array<ArrayBuffer>, maxPages: number): Promise<string[]> {
  try {
    // PDF.js takes the bytes away from whoever gives them.
    const pdf = await getDocumentProxy(bytes, { verbosity: QUIET });
    try {
      if (pdf.numPages > maxPages) {
        throw new DocumentProblem("too_many_pages", `it has ${pdf.numPages} pages, ${maxPages} are allowed: split it`);
      }
      const { text } = await extractText(pdf, { mergePages: false });
      return text.map((page) => page.replace(/[^\P{Cc}\n\t]/gu, " ").trim());
    } finally {
      await pdf.loadingTask.destroy();
    }
  } catch (cause) {
    if (cause instanceof DocumentProblem) throw cause;
    const name = cause instanceof Error ? cause.name : "";
    const [code, message] = FAILURES[name] ?? ["broken_pdf", "its pages cannot be read: open it and save it anew"];
    throw new DocumentProblem(code, message, { cause });
  }
}
