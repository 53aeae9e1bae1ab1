/**
 * A log line as people read it. Our Workers write one JSON object a line: its message comes first, its other fields
 * after it, and the whole can be unfolded.
 * @param {string} message
 * @returns {{ title: string, fields: [string, string][], more: string | undefined, level: string | undefined }}
 */
export function readLogLine(message) {
  const object = parseObject(message);
  if (object) {
    const key = ["message", "msg", "event"].find((name) => typeof object[name] === "string" && object[name] !== "");
    const rest = Object.entries(object).filter(
      ([name]) => name !== key && !["level", "time", "timestamp"].includes(name),
    );
    return {
      title: key === undefined ? "" : object[key],
      fields: rest.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      more: rest.length > 0 ? readable(object) : undefined,
      level: typeof object.level === "string" ? object.level.toLowerCase() : undefined,
    };
  }
  const [title = "", ...more] = message.trimEnd().split("\n");
  return { title, fields: [], more: more.length > 0 ? message.trimEnd() : undefined, level: undefined };
}

/** Indented, with the line breaks of stacks as line breaks. @param {Record<string, unknown>} object */
function readable(object) {
  return JSON.stringify(object, null, 2).replaceAll("\\n", "\n    ");
}

/** @param {string} text @returns {Record<string, any> | undefined} */
function parseObject(text) {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
