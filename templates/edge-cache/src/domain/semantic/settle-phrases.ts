import { TOOLS } from "./lexicon/tools.ts";
import type { Phrase, Token } from "./reading.ts";

interface Draft {
  role: string;
  tokens: Token[];
}

/** Where something is deleted, it is deleted from. */
const AWAY = new Set(["delete", "clean", "uninstall"]);
const PLACE_OF_DEED = new Set(["from", "on", "in", "off", "out"]);
const TOOL_ROLES = new Set(["in", "on", "with"]);
/** Beside a second clause it matters to which of the two an adverb belongs. */
const CLAUSES = new Set([
  "to",
  "if",
  "when",
  "because",
  "while",
  "whether",
  "although",
  "unless",
  "that",
  "who",
  "which",
  "before",
  "after",
  "until",
  "how",
  "why",
  "where",
  "what",
]);
const ADVERB =
  /^(?!(?:only|early|family|reply|supply|apply|daily|weekly|monthly|yearly|hourly|annually|italy|july|fly|rely|multiply|ally|belly|bully|jelly|lily|assembly|anomaly|monopoly|butterfly|friendly|ugly|lonely|deadly|lively|likely|elderly|holy|silly|curly|usually|rarely|mostly|partially|fully|completely|exactly|approximately|hardly|barely|simply|briefly|shortly|concisely|nearly|directly|really)$)[a-z]{3,}ly$/;
const ALSO_ADVERB = new Set(["early", "late", "online", "offline", "abroad", "quickly", "fast"]);

/** Puts what may stand at several places of a sentence at one place. */
export function settlePhrases(phrases: readonly Phrase[], kind: string): Phrase[] {
  const drafts: Draft[] = phrases.map(({ role, tokens }) => ({ role, tokens: [...tokens] }));
  deleteFrom(drafts);
  hoistTool(drafts, kind);
  hoistAdverb(drafts);
  return drafts.filter(({ tokens }) => tokens.length > 0);
}

function deleteFrom(drafts: readonly Draft[]): void {
  const [first] = drafts.find(({ role }) => role === "")?.tokens ?? [];
  const places = drafts.filter(({ role }) => PLACE_OF_DEED.has(role));
  if (first !== undefined && AWAY.has(first.key) && places.length === 1 && places[0] !== undefined)
    places[0].role = "from";
}

/** "sort a Python list" and "sort a list in Python": where one tool is named, its place says nothing. */
function hoistTool(drafts: Draft[], kind: string): void {
  for (const { role, tokens } of drafts) {
    const [only] = tokens;
    // "in go" is in Go.
    if (TOOL_ROLES.has(role) && tokens.length === 1 && only?.key === "go") tokens[0] = { key: "golang", class: "name" };
  }
  const isTool = ({ key }: Token) => TOOLS.has(key);
  if (drafts.flatMap(({ tokens }) => tokens.filter(isTool)).length !== 1) return;
  const draft = drafts.find(({ tokens }) => tokens.some(isTool));
  const tool = draft?.tokens.find(isTool);
  if (draft === undefined || tool === undefined) return;
  if (draft.role === "" ? draft.tokens.length < (kind === "how" || kind === "do" ? 3 : 2) : !TOOL_ROLES.has(draft.role))
    return;
  if (draft.role !== "" && draft.tokens.length > 1 && draft.tokens[0] !== tool) return;
  if (/[&|]/.test(draft.tokens.map(({ key }) => key).join(""))) return;
  // "Which is better, Python …" is about the tool.
  if (draft.role === "" && draft.tokens.some(({ class: kind }) => kind === "comparison")) return;
  // What begins the sentence does something there itself.
  if (
    draft.role === "" &&
    draft.tokens[0] === tool &&
    kind !== "do" &&
    kind !== "explain" &&
    kind !== "what is" &&
    kind !== "what"
  )
    return;
  draft.tokens.splice(draft.tokens.indexOf(tool), 1);
  drafts.push({ role: "@tool", tokens: [{ ...tool, key: tool.key.replace(/\^$/, "") }] });
}

/** "horizontally center a div" and "center a div horizontally". */
function hoistAdverb(drafts: Draft[]): void {
  if (drafts.some(({ role }) => CLAUSES.has(role))) return;
  // In the middle it may belong to what follows: "learn fast food recipes".
  const isAdverb = (token: Token) => {
    const { tokens } = drafts.find(({ tokens }) => tokens.includes(token)) ?? { tokens: [] };
    const last = tokens.at(-1) === token;
    return (
      token.class === "content" &&
      ((ADVERB.test(token.key) && (last || tokens[0] === token)) || (ALSO_ADVERB.has(token.key) && last))
    );
  };
  const found = drafts.filter(({ tokens }) => tokens.some(isAdverb));
  const [draft] = found;
  if (draft === undefined || found.length > 1 || draft.tokens.length < 2) return;
  const adverbs = draft.tokens.filter(isAdverb);
  const [adverb] = adverbs;
  if (adverb === undefined || adverbs.length > 1 || draft.tokens.some(({ key }) => key === "&" || key === "|")) return;
  draft.tokens.splice(draft.tokens.indexOf(adverb), 1);
  drafts.push({ role: "@adverb", tokens: [adverb.key === "quickly" ? { ...adverb, key: "fast" } : adverb] });
}
