/** Keys and tokens by the form that their makers gave them. */
const TOKENS: readonly RegExp[] = [
  /(?<![\w-])sk-(?:ant-|proj-|or-|live-|test-)?[\w-]{16,}/,
  /\b(?:sk|rk|pk)_(?:live|test)_\w{10,}/,
  /\b(?:AKIA|ASIA|AGPA|AROA)[0-9A-Z]{16}\b/,
  /\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}/,
  /\bxox[abeoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}/,
  /\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}/,
  /\b(?:npm|hf|dop_v1|shpat|shpss|pypi|tnr|whsec|SG|dckr_pat|lin_api|figd|ntn)[_.-][\w-]{20,}/,
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{4}/,
  /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----/,
  /\bAccountKey=[\w+/=]{20,}|\bSharedAccessSignature\b|\bsig=[\w%+/]{20,}/,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,100}:[^\s:/@]{3,200}@/i,
  /\b(?:authorization\s*:\s*)?bearer\s+[\w.~+/-]{16,}=*/i,
];

const NAMED =
  "(?:pass(?:word|wd|phrase|code)|pwd|api[ _-]?key|secret(?:[ _-]?(?:key|access[ _-]?key))?|access[ _-]?(?:key|token)|auth[ _-]?token|client[ _-]?secret|private[ _-]?key|seed phrase|recovery (?:phrase|code)|passwort|kennwort|contraseña|mot de passe)";

/** `password=hunter2`, `DB_PASSWORD: "…"`. */
const ASSIGNED = new RegExp(`(?:\\b|_)${NAMED}\\b["']?\\s*(?:=|:(?!:))\\s*["']?(?![<{$*\\[]|\\s)[^\\s"',;]{4,}`, "iu");
/** "my password is hunter2", not "the password is wrong". */
const TOLD = new RegExp(
  `\\b(?:my|our|the|your|mein|mi|mon) (?:[\\w-]{1,30} ){0,2}?${NAMED} (?:is|was|ist|es|est) ["'\`]?([^\\s"'\`,;?]{4,})`,
  "giu",
);
const PIN =
  /\b(?:pin|cvv2?|cvc|one[- ]time (?:code|password)|otp|2fa code|tan)(?: (?:code|number))?\s*(?:is|=|:)\s*\d{3,8}\b/i;
/** What is said of a password that is not told. */
const SAID =
  /^(?:not|wrong|incorrect|correct|invalid|valid|expired|required|needed|never|always|also|only|just|that|this|what|when|being|been|used|stored|saved|sent|shown|reset|changed|hashed|encrypted|leaked|compromised|lost|forgotten|missing|empty|blank|weak|strong|secure|safe|unsafe|case|still|already|longer|shorter|accepted|rejected|denied|blocked|locked|visible|hidden|unknown|different|about|from|with|your|their|there|supposed|going|nicht|falsch|incorrecta|incorrect[eo]?)$/i;

/** Whether a text holds what opens something: a key, a token, a password. */
export function holdsSecret(text: string): boolean {
  if (TOKENS.some((pattern) => pattern.test(text)) || ASSIGNED.test(text) || PIN.test(text)) return true;
  return [...text.matchAll(TOLD)].some(([, value = ""]) => !SAID.test(value.replace(/[.!]+$/, "")));
}
