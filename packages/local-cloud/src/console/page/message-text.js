const BYTES_IN_LINE = 16;
/** Characters of a body in a list. */
const PREVIEW = 160;

/**
 * A message's body, laid out for reading: JSON with its lines broken, bytes as a hex dump, all else as it is.
 * @param {{ text: string, form: "json" | "text" | "value" | "hex" }} body
 */
export function bodyText({ text, form }) {
  switch (form) {
    case "json":
      return brokenJson(text);
    case "hex":
      return hexDump(text);
    default:
      return text;
  }
}

/**
 * The beginning of a body in one line.
 * @param {{ text: string }} body
 */
export function previewOf({ text }) {
  const line = text.slice(0, 4 * PREVIEW).replace(/\s+/g, " ");
  return line.length > PREVIEW ? `${line.slice(0, PREVIEW)}…` : line;
}

/** What is cut off is no JSON any more: it stays as it is. @param {string} text */
function brokenJson(text) {
  try {
    const value = JSON.parse(text);
    // Numbers that JavaScript cannot hold would be shown as others.
    return /\d{16}/.test(text) ? text : JSON.stringify(value, null, 2);
  } catch {
    return text;
  }
}

/** Offset, sixteen bytes, and what of them is ASCII. @param {string} hex */
function hexDump(hex) {
  const bytes = hex.match(/../g) ?? [];
  const lines = [];
  for (let offset = 0; offset < bytes.length; offset += BYTES_IN_LINE) {
    const line = bytes.slice(offset, offset + BYTES_IN_LINE);
    const characters = line.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
    });
    const figures = line.join(" ").padEnd(3 * BYTES_IN_LINE - 1);
    lines.push(`${offset.toString(16).padStart(6, "0")}  ${figures}  ${characters.join("")}`);
  }
  return lines.join("\n");
}

/** @param {number} count `31 B`, `1.5 KB` */
export function bytesText(count) {
  return count < 1000
    ? `${count} B`
    : count < 1e6
      ? `${(count / 1000).toFixed(1)} KB`
      : `${(count / 1e6).toFixed(1)} MB`;
}
