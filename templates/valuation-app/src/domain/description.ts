import type { CategoryName } from "./category.ts";

/** Characters of a description, as JavaScript counts them (and `maxlength` of a form does). */
export const MOST_CHARACTERS = 4_000;

/** What a description comes to, or what is wrong with it, as a person is told. */
export type ReadDescription =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** A person's text: line ends made equal, control characters left out, trimmed. */
export function readDescription(raw: string): ReadDescription {
  const text = raw
    .replaceAll("\r\n", "\n")
    .replace(/(?!\n)\p{Cc}/gu, " ")
    .trim();
  if (text === "") return { ok: false, problem: "Describe what you own: a few words are enough." };
  if (text.length > MOST_CHARACTERS) {
    const over = text.length - MOST_CHARACTERS;
    return {
      ok: false,
      problem: `That is ${over.toLocaleString("en")} character${over === 1 ? "" : "s"} too many. ${MOST_CHARACTERS.toLocaleString("en")} are possible.`,
    };
  }
  if (!/[\p{L}\p{N}]/u.test(text))
    return { ok: false, problem: "Say it in words, too: there is no letter or number in it." };
  return { ok: true, text };
}

/** The same thing described with other capitals, other spaces or another form of the same letters. */
function normalise(description: string): string {
  return description.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

/** What two descriptions of the same thing have in common: SHA-256 as 64 hexadecimal digits. */
export async function fingerprint(description: string, category: CategoryName): Promise<string> {
  const text = new TextEncoder().encode(`valuation 1\n${category}\n${normalise(description)}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
