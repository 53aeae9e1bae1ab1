/** An element of an answer. Attributes are not kept: S3 says nothing with them. */
export interface XmlElement {
  readonly name: string;
  /** Its own text, decoded, without that of its children. */
  text: string;
  readonly children: XmlElement[];
}

/** It is not well-formed, e.g. cut off. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Reads a small document as S3 servers send it: elements, text, entities, CDATA; a doctype is refused.
 * @throws XmlError
 */
export function parseXml(source: string): XmlElement {
  const document: XmlElement = { name: "", text: "", children: [] };
  const open = [document];
  let at = 0;
  const until = (end: string, from: number): number => {
    const found = source.indexOf(end, from);
    if (found < 0) throw new XmlError(`it ends before ${JSON.stringify(end)}`);
    return found;
  };
  while (at < source.length) {
    const current = open.at(-1) ?? document;
    const tag = source.indexOf("<", at);
    current.text += decode(source.slice(at, tag < 0 ? source.length : tag));
    if (tag < 0) break;
    if (source.startsWith("<![CDATA[", tag)) {
      const end = until("]]>", tag);
      current.text += source.slice(tag + 9, end);
      at = end + 3;
    } else if (source.startsWith("<!--", tag)) {
      at = until("-->", tag + 4) + 3;
    } else if (source.startsWith("<?", tag)) {
      at = until("?>", tag) + 2;
    } else if (source.startsWith("<!", tag)) {
      throw new XmlError("it has a doctype");
    } else {
      at = readTag(source, tag, open);
    }
  }
  const [root] = document.children;
  if (open.length > 1 || !root) throw new XmlError(root ? `<${open.at(-1)?.name}> is not closed` : "it has no element");
  return root;
}

/** The first child of a name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => one.name === name);
}

/** @returns where the tag has ended */
function readTag(source: string, start: number, open: XmlElement[]): number {
  const end = endOfTag(source, start);
  const inside = source.slice(start + 1, end);
  if (inside.startsWith("/")) {
    const closed = open.pop();
    const name = inside.slice(1).trim();
    if (closed?.name !== name || open.length === 0) throw new XmlError(`</${name}> closes nothing`);
    return end + 1;
  }
  const name = /^[^\s/]+/.exec(inside)?.[0];
  if (name === undefined) throw new XmlError(`a tag without a name at ${start}`);
  const element: XmlElement = { name, text: "", children: [] };
  open.at(-1)?.children.push(element);
  if (!inside.endsWith("/")) open.push(element);
  return end + 1;
}

/** A value in quotes may hold the sign that ends a tag. */
function endOfTag(source: string, start: number): number {
  let quote = "";
  for (let at = start; at < source.length; at++) {
    const character = source[at] ?? "";
    if (quote) {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return at;
  }
  throw new XmlError("it ends inside of a tag");
}

function decode(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = name[1]?.toLowerCase() === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
