/** Recognises in which form items come, so that the page can say so before anything is sent. */

/** Content type by which each form is sent. */
export const CONTENT_TYPES = { ndjson: "application/x-ndjson", csv: "text/csv" };

/**
 * Reads pasted text.
 *
 * @returns `{told, form, body}`, what to send; or `{problem}` in words for people
 */
export function readText(given, schema) {
  const text = given.replace(/^\ufeff/, "");
  const start = text.trimStart();
  if (start === "") return { problem: "There are no items yet." };
  if (start.startsWith("[") || isOneDocument(start)) return ofDocument(text);
  if (start.startsWith("{")) {
    const items = text.split("\n").filter((line) => line.trim() !== "").length;
    return { form: "ndjson", body: text, items, told: `${itemCount(items)}, one JSON object a line.` };
  }
  const columns = columnsOf(start);
  if (isHeader(columns, schema)) {
    const items = csvRows(start) - 1;
    if (items < 1) return { problem: "There is a header row and nothing below it." };
    return { form: "csv", body: start, items, told: `${itemCount(items)} in CSV: ${columns.join(", ")}.` };
  }
  return ofLines(text, schema);
}

/**
 * Looks at the head of a file; only small text without a form of its own is read whole.
 *
 * @returns as `readText`; `body` is the file itself where it can be sent as it is
 */
export async function readFile(file, schema) {
  const extension = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  const unread = UNREAD[extension];
  if (unread) return { problem: `${file.name}: ${unread}` };
  if (file.size === 0) return { problem: `${file.name} is empty.` };
  const head = await textOf(file.slice(0, 65_536));
  const start = head.trimStart();
  if (head.includes("\u0000")) return { problem: `${file.name} is not a text file. NDJSON, CSV and JSON are read.` };
  if (extension === "json" || start.startsWith("[")) {
    if (start.startsWith("{") && !isOneDocument(start) && parses(start.split("\n")[0])) {
      return { form: "ndjson", body: file, told: "One JSON object a line." };
    }
    const read = ofDocument((await textOf(file)).replace(/^\ufeff/, ""));
    return read.problem ? { problem: `${file.name}: ${read.problem}` } : read;
  }
  if (["ndjson", "jsonl"].includes(extension) || start.startsWith("{")) {
    return { form: "ndjson", body: file, told: "One JSON object a line." };
  }
  const columns = columnsOf(start);
  if (["csv", "tsv"].includes(extension) || isHeader(columns, schema)) {
    const missing = (schema.required ?? []).filter((name) => !columns.includes(name));
    if (missing.length > 0) {
      return {
        problem: `${file.name} has no column ${missing.map((name) => `“${name}”`).join(" and ")}. Its header row has: ${shortened(columns.join(", "), 160)}.`,
      };
    }
    return { form: "csv", body: file, told: `CSV: ${shortened(columns.join(", "), 160)}.` };
  }
  if (file.size > 10_000_000) {
    return {
      problem: `${file.name} is neither NDJSON nor CSV nor JSON by its beginning, and too large for plain lines.`,
    };
  }
  return ofLines(await textOf(file), schema);
}

const UNREAD = {
  ...Object.fromEntries(
    ["xls", "xlsx", "ods", "numbers"].map((each) => [each, "spreadsheets are not read. Save it as CSV and send that."]),
  ),
  ...Object.fromEntries(["zip", "gz", "tgz", "7z", "zst"].map((each) => [each, "unpack it first."])),
  ...Object.fromEntries(
    ["pdf", "doc", "docx", "odt"].map((each) => [
      each,
      "its text has to be in items: a line or a row for each document.",
    ]),
  ),
};

/** The text of a file or of a piece of it, by its byte-order mark. */
async function textOf(blob) {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(await blob.arrayBuffer());
}

/** A list in JSON, an object with such a list, or one object: sent as lines, so that one bad item spoils no other. */
function ofDocument(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const at = /line \d+ column \d+/.exec(error.message)?.[0];
    return { problem: `This begins like one JSON document but is none${at ? `: look at ${at}` : ""}.` };
  }
  const list = Array.isArray(value) ? value : Array.isArray(value?.items) ? value.items : [value];
  if (list.length === 0) return { problem: "The list is empty." };
  const lines = list.map((item) => JSON.stringify(item));
  return {
    form: "ndjson",
    body: `${lines.join("\n")}\n`,
    items: list.length,
    told: `${itemCount(list.length)} in JSON.`,
  };
}

/** Each line is the text of one item, where an item needs no more than a text. */
function ofLines(text, schema) {
  const [field, ...others] = schema.required ?? [];
  if (field === undefined || others.length > 0) {
    const names = (schema.required ?? []).map((name) => `“${name}”`).join(" and ");
    return { problem: `An item here needs ${names}: paste a CSV with these columns, or one JSON object a line.` };
  }
  const lines = text.split("\n").map((line) => line.trim());
  const items = lines.filter(Boolean).length;
  // Empty lines stay, so that line numbers are those of the text.
  const body = lines.map((line) => (line === "" ? "" : JSON.stringify({ [field]: line }))).join("\n");
  return { form: "ndjson", body: `${body}\n`, items, told: `${itemCount(items)}: each line is the ${field} of one.` };
}

/** The cells of the first row, split at what it has most of. */
function columnsOf(text) {
  const row = text.split(/\r?\n/, 1)[0];
  const [delimiter] = [",", ";", "\t"].sort((one, other) => row.split(other).length - row.split(one).length);
  return row.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function isHeader(columns, schema) {
  const known = Object.keys(schema.properties ?? {});
  if (!(schema.required ?? []).every((name) => columns.includes(name))) return false;
  return schema.additionalProperties !== false || columns.every((name) => known.includes(name));
}

/** Rows of a CSV, the header's too: line ends within quotes do not count. */
function csvRows(text) {
  return text
    .replace(/"[^"]*"/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** An object over several lines. */
function isOneDocument(text) {
  return text.startsWith("{") && text.trimEnd().includes("\n") && !parses(text.split("\n")[0]) && parses(text);
}

function parses(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const itemCount = (items) => (items === 1 ? "1 item" : `${items.toLocaleString("en")} items`);
const shortened = (text, most) => (text.length > most ? `${text.slice(0, most)}…` : text);
