import { bestSentences, sentencesAbout, sentencesOf } from "./rank-sentences.ts";
import type { Conversation } from "./stand-in-conversation.ts";

/** A free-text answer that visibly comes from the subject: a summary, an answer quoted from a context, or a reply. */
export function reply(conversation: Conversation): string {
  const { instruction, subject, context } = conversation;
  if (subject === "") return "There was nothing to answer.";
  if (context !== "") return `The context says: ${sentencesAbout(context, 2, subject).join(" ")}`;
  if (/summar|tl;?dr|shorten|condense|key points|digest/i.test(instruction)) return summary(conversation);
  if (/translat/i.test(instruction)) return `(not translated) ${subject}`;
  if (/\b(?:repl(?:y|ies)|respond|customers?|support)\b/i.test(instruction)) return answerToCustomer(conversation);
  if (sentencesOf(subject).length > 6) return summary(conversation);
  // A long instruction carries a context, as retrieval does: answer from it.
  if (instruction.length > 400) return `The context says: ${bestSentences(instruction, 2, subject).join(" ")}`;
  return `You asked: “${shorten(subject, 300)}” A real model would answer this here.`;
}

function summary({ instruction, subject }: Conversation): string {
  const words = Number(/(?:at most|under|up to|in|about) (\d+) words/i.exec(instruction)?.[1] ?? 120);
  const sentences = Number(/(\d+) sentences?/i.exec(instruction)?.[1] ?? 3);
  const chosen = bestSentences(subject, Math.max(1, sentences), instruction);
  if (/bullet/i.test(instruction))
    return `\n${chosen.map((sentence) => `- ${limitWords(sentence, Math.ceil(words / chosen.length))}`).join("\n")}`;
  return limitWords(chosen.join(" "), words);
}

function answerToCustomer({ instruction, subject }: Conversation): string {
  const about = shorten(sentencesOf(subject)[0]?.replace(/[.!?]+$/, "") ?? subject, 120);
  const facts = /Instructions?: ([^\n]+?)(?= What stands between tags|\n|$)/i.exec(instruction)?.[1];
  const opening = /apologe|apologi/i.test(instruction)
    ? "We are sorry to hear about"
    : "Thank you for your message about";
  const rest = facts ? `We were told to say: ${facts}` : "We have read it and will come back to you.";
  return `${opening} “${about}”. ${rest}`;
}

function limitWords(text: string, count: number): string {
  const words = text.split(/\s+/);
  return words.length <= count ? text : `${words.slice(0, count).join(" ")}…`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}
