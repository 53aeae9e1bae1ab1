import { contentWords } from "./rank-sentences.ts";

/** Words that speak for a label, beside the label's own. */
const HINTS: Readonly<Record<string, string>> = {
  positive:
    "love loved great excellent amazing happy thanks thank perfect wonderful good best fantastic recommend delighted",
  negative: "hate terrible awful bad worst broken disappointed angry poor never useless refund unacceptable slow rude",
  urgent: "urgent asap immediately emergency down outage critical now today deadline blocked",
  high: "urgent asap immediately emergency down outage critical now today deadline blocked",
  critical: "urgent emergency outage breach down security",
  low: "whenever eventually someday minor typo cosmetic hurry wondering",
  billing: "invoice charge charged payment refund card bill subscription price paid double",
  refund: "refund money back return charged cancel",
  technical: "error bug crash crashes broken login password install fails api server code",
  bug: "error bug crash crashes broken fails exception wrong",
  support: "help problem issue cannot stuck question",
  complaint: "disappointed angry terrible unacceptable broken refund late rude complaint worst",
  praise: "love great excellent amazing thanks wonderful perfect",
  question: "how what when where why which wondering",
  feature: "feature wish add suggestion idea improve request",
  sales: "buy purchase pricing quote demo plan enterprise order",
  shipping: "shipping delivery package parcel arrived tracking courier late shipped",
  delivery: "shipping delivery package parcel arrived tracking courier late shipped",
  account: "account login password profile email username",
  spam: "winner prize lottery click viagra crypto free bitcoin",
  legal: "lawyer court contract lawsuit liability legal gdpr",
  finance: "bank revenue profit shares stock market investors earnings",
  sports: "match team goal season league player coach tournament",
  technology: "software computer chip startup internet app ai model",
  politics: "election government minister president parliament vote policy",
  health: "doctor hospital patient disease medicine symptoms vaccine",
};

/** Labels for what fits nowhere. */
const NEUTRAL = /^(other|others|general|neutral|unknown|normal|medium|none|misc\w*)$/i;

/** The label that shares most words with the subject, by its own words and by hints; else a neutral one; else the first. */
export function chooseLabel(labels: readonly unknown[], subject: string): unknown {
  const words: readonly string[] = subject.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  let best = { label: labels.find((label) => NEUTRAL.test(String(label))) ?? labels[0], score: 0 };
  for (const label of labels) {
    const own = contentWords(
      String(label)
        .replace(/[_-]+/g, " ")
        .replace(/([a-z])([A-Z])/g, "$1 $2"),
    );
    const hints = own.flatMap((word) => (Object.hasOwn(HINTS, word) ? (HINTS[word]?.split(" ") ?? []) : []));
    const score = 2 * overlap(own, words) + hints.filter((hint) => words.includes(hint)).length;
    if (score > best.score) best = { label, score };
  }
  return best.label;
}

/** How many of the words occur; a common beginning of five letters ("bill", "billing") counts half. */
function overlap(label: readonly string[], words: readonly string[]): number {
  let score = 0;
  for (const one of label) {
    if (words.includes(one)) score += 1;
    else if (words.some((word) => shareStem(one, word))) score += 0.5;
  }
  return score;
}

function shareStem(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length, 5);
  return length >= 4 && a.slice(0, length) === b.slice(0, length);
}
