import type { ChatRequest } from "../openai/chat-request.ts";
import { holdsPersonalData } from "./personal-data.ts";
import { holdsSecret } from "./secrets.ts";

/** Why an answer is nobody else's, or not for long: `personal` data, a `secret`, `live` data, something `creative`. */
export type PolicyReason = "personal" | "secret" | "live" | "creative";

type Message = ChatRequest["messages"][number];

/**
 * Why a conversation is neither answered from the cache nor kept in it; null when it may be.
 *
 * - Secrets count wherever they stand. Personal data counts in everything but the system's messages: those are the
 *   application's own, and often name its address for support.
 * - What asks for live data or for something made up counts where the user says it. Of a long message only its beginning
 *   and its end are read for it: the middle is material.
 *
 * It errs on the side of asking: what is wrongly let past the cache only costs its price.
 */
export function whyNotKept(
  messages: readonly Message[],
  { keepCreative }: { readonly keepCreative: boolean },
): PolicyReason | null {
  const texts = messages.map((message) => ({ role: message.role, text: plain(textOf(message)) }));
  if (texts.some(({ text }) => holdsSecret(text))) return "secret";
  const said = texts.filter(({ role }) => role !== "system" && role !== "developer");
  if (said.some(({ text }) => holdsPersonalData(text))) return "personal";
  const asked = texts.filter(({ role }) => role === "user").map(({ text }) => ends(text).toLowerCase());
  if (asked.some(wantsLiveData)) return "live";
  if (!keepCreative && asked.some(wantsInvention)) return "creative";
  return null;
}

/** Everything in a message that a person or a tool wrote. */
function textOf({ content, ...rest }: Message): string {
  const words = typeof content === "string" ? [content] : (content ?? []).map(({ text }) => text);
  const calls = "tool_calls" in rest ? [JSON.stringify(rest["tool_calls"])] : [];
  return [...words, ...calls].join("\n");
}

/** Without signs that cannot be seen, and in the usual width: nothing hides behind "ｍｙ" or a soft hyphen. */
function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]/g, "")
    .replace(/[‘’ʼ]/g, "'");
}

const LONG = 1_200;

function ends(text: string): string {
  return text.length <= LONG ? text : `${text.slice(0, LONG / 2)}\n${text.slice(-LONG / 2)}`;
}

/** What is true for a day, or for a moment. */
const LIVE: readonly RegExp[] = [
  /\b(?:today|tonight|tomorrow|yesterday|nowadays|at the moment|at present|as of now|right now|just now|so far this)\b/,
  /\bnow\b(?!\s+(?:that|you|let|we|i|write|make|do|give|show|explain|add|change|use|put|consider|suppose|imagine)\b)/,
  /\b(?:this|last|next) (?:morning|afternoon|evening|week|weekend|month|quarter|year|season|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/,
  /\b(?:latest|newest|most recent|up[- ]to[- ]date|breaking news|headlines?|currently|real[- ]?time|trending)\b/,
  /(?<!\b(?:electric|electrical|alternating|direct|ocean|eddy|induced|the|a|ac|dc|is|of|and) )\bcurrent\b(?! (?:and voltage|flow|flows|density|divider|source|transformer|directory|working|carrying|through)\b)/,
  /\b(?:the|its|his|her|their) current (?!and voltage|flow|density|divider|source|through|in (?:a|the) (?:circuit|wire|resistor))\w/,
  /\bnews\b(?! (?:paper|letter|room))/,
  /\b(?:the weather|weather (?:in|for|at|on|forecast|like)|forecast for|how (?:hot|cold|warm) is it)\b/,
  /\b(?:what|which) (?:time|day|date|month|year) is it\b|\bwhat(?:'s| is) the (?:time|date)\b/,
  /\b(?:stock|share|spot|market|gas|fuel|oil|gold|bitcoin|btc|eth|ethereum|crypto\w*|ticket|flight) prices?\b|\bprice of (?:bitcoin|btc|eth|ethereum|gold|silver|oil|gas)\b/,
  /\b(?:exchange|interest|mortgage|inflation) rates?\b(?! (?:work|mean|risk|parity))|\bhow much is (?:a |one |1 )?(?:bitcoin|btc|eth|ethereum|dollar|euro|pound|yen)\b/,
  /\b(?:is|are) (?:the |my |your )?[\w ]{1,40}(?:open|down|online|available|in stock|delayed)\?*\s*$/,
  /\bwho (?:is|are) (?:winning|leading|playing)\b|\b(?:live|final) scores?\b|\bscore of the\b/,
  /\b(?:heute|jetzt|gerade|aktuell\w*|derzeit|morgen|gestern|neueste\w*|nachrichten|wetter)\b/,
  /\b(?:hoy|ahora|actual(?:es|mente)?|mañana|ayer|últimas?|noticias|aujourd'hui|maintenant|actuellement|demain|hier|météo|oggi|adesso|domani|ieri)(?![\p{L}])/u,
];

function wantsLiveData(text: string): boolean {
  return LIVE.some((pattern) => pattern.test(text));
}

const MAKE =
  "(?:write|compose|create|make(?: up)?|invent|generate|come up with|think (?:of|up)|draft|imagine|tell|give|suggest|sing|improvi[sz]e)";
const WORK =
  "(?:poems?|haikus?|limericks?|sonnets?|stor(?:y|ies)|tales?|fairy ?tales?|jokes?|puns?|riddles?|songs?|lyrics|raps?|verses?|rhymes?|slogans?|taglines?|mottos?|plots?|screenplays?|scripts? for a (?:film|movie|play|sketch)|novels?|fan ?fiction|dialogues?|monologues?|(?:pet |band |brand |company |product |character |user ?|nick)names?|bedtime \\w+|pick-?up lines?|toasts?|greetings?|wish(?:es)?)";

/** What shall be another one each time. */
const CREATIVE: readonly RegExp[] = [
  new RegExp(`\\b${MAKE}\\b(?: (?:me|us|up))?(?: [\\w'-]+){0,6}? ${WORK}\\b`),
  /\bbrainstorm\b|\bbe creative\b|\bsurprise me\b|\bmake (?:something|it) up\b|\bfree[- ]?writ\w+|\brole-?play\b/,
  /\b(?:random|another|different|fresh|new) (?:one|joke|story|poem|idea|fact|number|word|quote|name|example)s?\b/,
  /\b(?:roll|flip|toss) (?:a|the|two|some) (?:die|dice|coin)\b|\bpick (?:a|one) (?:\w+ )?(?:at random|card|number)\b/,
  /\b(?:schreibe?|erfinde|dichte|erzähle?) (?:mir )?(?:ein\w*|noch) (?:\p{L}+ )?(?:gedicht|geschichte|märchen|witz|lied)/u,
  /\b(?:escrib\w+|invent\w+|cuént\w+) (?:un\w*|otr\w+) (?:\p{L}+ )?(?:poema|historia|cuento|chiste|canción)/u,
  /\b(?:écri\w+|invent\w+|raconte\w*)(?:-moi)? (?:un\w*) (?:\p{L}+ )?(?:poème|histoire|conte|blague|chanson)/u,
];

function wantsInvention(text: string): boolean {
  return CREATIVE.some((pattern) => pattern.test(text));
}
