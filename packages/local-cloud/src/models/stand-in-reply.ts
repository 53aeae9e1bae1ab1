import { bestSentences, sentencesOf } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";

/** A free-text answer that visibly comes from the subject: a summary, an answer quoted from a context, or a reply. */
export function reply({ instruction, subject }: Conversation): string {
  if (subject === "") return "There was nothing to answer.";
  const sentences = sentencesOf(subject);
  if (/summar|tl;?dr|shorten|condense|key points|digest/i.test(instruction) || sentences.length > 6) {
    return bestSentences(subject, 3, instruction).join(" ");
  }
  if (/translat/i.test(instruction)) return `(not translated) ${subject}`;
  if (instruction.length > 400) {
    // A long instruction carries a context, as retrieval does: answer from it.
    return bestSentences(instruction, 2, subject).join(" ");
  }
  if (/repl(y|ies)|respond|customer|support|e-?mail/i.test(instruction)) {
    return `Thank you for your message about “${shorten(sentences[0] ?? subject, 120)}”. We are looking into it and will come back to you.`;
  }
  return `You asked: “${shorten(subject, 300)}”. A real model would answer this here.`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}
