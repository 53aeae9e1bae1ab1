/** How the page says things. */

const count = new Intl.NumberFormat("en");

/** `12,345` */
export const number = (value) => count.format(value);

/** `1 item`, `12,345 items` */
export const many = (value, one, several = `${one}s`) => `${number(value)} ${value === 1 ? one : several}`;

/** `$0.41`; small amounts keep two digits that say something: `$0.00012`. */
export function money(usd) {
  if (usd === 0) return "$0";
  if (usd >= 0.1) return `$${usd.toFixed(2)}`;
  const places = Math.min(9, 1 - Math.floor(Math.log10(usd)));
  return `$${usd.toFixed(places).replace(/(?<=\d)0+$/, "")}`;
}

/** `3.4 MB` */
export function size(bytes) {
  if (bytes < 1000) return many(bytes, "byte");
  const [divisor, unit] = bytes < 1_000_000 ? [1000, "KB"] : [1_000_000, "MB"];
  return `${(bytes / divisor).toFixed(bytes / divisor < 10 ? 1 : 0)} ${unit}`;
}

/** A time span that is only guessed: `about 40 s`, `about 2 h 10 min`. */
export function about(ms) {
  const seconds = ms / 1000;
  if (seconds < 5) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min`;
  if (minutes < 48 * 60) return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `about ${Math.round(minutes / 60 / 24)} days`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });

/** A moment, with its day unless that is today: `14:05`, `1 December, 00:00`. */
export function moment(iso) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return today ? TIME.format(at) : `${DAY.format(at)}, ${TIME.format(at)}`;
}

/** `email-sequence`, `most_tags` → `Email sequence`, `Most tags` */
export function label(name) {
  const text = name.replaceAll(/[-_]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WAITS = {
  budget_exhausted: "The budget is used up. Nothing is lost and no attempt is spent; what is left goes on by itself.",
  model_unavailable: "The models do not answer. No attempt is spent; one item tries from time to time.",
  rate_limited: "The models are asked too often at the moment. No attempt is spent.",
};

/** Why a batch waits and until when. */
export function waitOf({ reason, message, until }) {
  const why = WAITS[reason] ?? message;
  if (until === null) return why;
  const left = Date.parse(until) - Date.now();
  if (left < 1000) return `${why} It is being tried again now.`;
  if (left < 120_000) return `${why} Next try in ${Math.ceil(left / 1000)} s.`;
  return `${why} Next try: ${moment(until)}${left < 86_400_000 ? `, in ${about(left).replace("about ", "")}` : ""}.`;
}

const REASONS = {
  invalid_encoding: "Not readable as UTF-8",
  invalid_json: "Not JSON",
  broken_quote: "A quote that is not closed properly",
  ragged_row: "More or fewer cells than the header",
  item_too_large: "Too large",
  invalid_item: "Not what this pipeline takes",
  bad_input: "Nothing in it to work with",
  invalid_answer: "The model’s answers could not be used",
  timeout: "The model took too long",
  model_unavailable: "The model did not answer",
  rate_limited: "The model was asked too often",
  budget_exhausted: "The budget was used up",
};

/** Why an item is dead. */
export const reasonOf = (reason) => REASONS[reason] ?? label(reason);

const UNREAD = ["invalid_encoding", "invalid_json", "broken_quote", "ragged_row", "item_too_large", "invalid_item"];

/** Where an item died: before the pipeline began with it, or in one of its steps. */
export const wasLoading = ({ step }) => step === null || step === "load";

/** Items that never were: nothing of them was kept, so they cannot go round again. */
export const isUnread = (failure) => wasLoading(failure) && UNREAD.includes(failure.reason);

const BATCH_ERRORS = {
  empty_batch: "There was nothing in it.",
  too_many_items: "It has too many items.",
  source_missing: "Its file is no longer there.",
  file_forbidden: "Its address is not allowed.",
  file_unreachable: "Its address could not be reached.",
  file_timeout: "Its file did not arrive in time.",
  file_too_large: "Its file is too large.",
  file_format_unknown: "Its file is of an unknown form.",
};

/** Why a whole batch failed: what happened in short, then the server’s own words. */
export function batchError({ code, message }) {
  const said = message.replaceAll("file_url", "the address");
  const text = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  return `${BATCH_ERRORS[code] ?? "It could not be read."} ${text}${/[.!?]$/.test(text) ? "" : "."}`;
}
