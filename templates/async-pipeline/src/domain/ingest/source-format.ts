/** The forms a batch's items can come in. */
export const SOURCE_FORMATS = ["json", "ndjson", "csv"] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

/** The content types of each form, the usual one first. */
export const CONTENT_TYPES: Readonly<Record<SourceFormat, readonly string[]>> = {
  json: ["application/json"],
  ndjson: [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
  ],
  csv: ["text/csv", "application/csv", "text/tab-separated-values"],
};

const CHARSETS = /^(utf-?8|us-ascii|utf-?16(le|be)?)$/;

/** The form that a `content-type` names; null for any other, and for a character set that is not read. */
export function formatOfContentType(contentType: string | null): SourceFormat | null {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters.map((each) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(each)?.[1]).find(Boolean);
  if (charset !== undefined && !CHARSETS.test(charset)) return null;
  return SOURCE_FORMATS.find((format) => CONTENT_TYPES[format].includes(type.trim())) ?? null;
}

const EXTENSIONS: Readonly<Record<string, SourceFormat>> = {
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  csv: "csv",
  tsv: "csv",
};

/**
 * The form of a fetched file: by the extension in its address, else by its content type. A web page is none, whatever
 * its address ends in: it is where a server sends those who have to log in.
 */
export function formatOfFile(url: URL, contentType: string | null): SourceFormat | null {
  if (/^\s*(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? "")) return null;
  const extension = /\.([a-z]+)$/i.exec(url.pathname)?.[1]?.toLowerCase() ?? "";
  return (Object.hasOwn(EXTENSIONS, extension) && EXTENSIONS[extension]) || formatOfContentType(contentType);
}
