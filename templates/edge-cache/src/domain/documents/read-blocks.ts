/** A paragraph, a heading, or a fenced piece of code. */
export interface Block {
  readonly start: number;
  readonly end: number;
  /** Of a heading, 1 to 6; else null. */
  readonly level: number | null;
  /** Of a heading. */
  readonly title: string;
  /** Its lines are not to be joined: code, a table. */
  readonly lines: boolean;
}

/** The blocks of a text in their order. @param structured it has Markdown's headings and fences */
export function readBlocks(text: string, structured: boolean): Block[] {
  const blocks: Block[] = [];
  let open: { start: number; end: number; lines: boolean } | null = null;
  /** What closes the code that is open. */
  let fence: string | null = null;
  const close = () => {
    if (open) blocks.push({ ...open, level: null, title: "" });
    open = null;
  };
  for (const { start, end } of linesOf(text)) {
    const line = text.slice(start, end);
    if (fence !== null) {
      if (open) open.end = end;
      if (line.trim().startsWith(fence) && line.trim().replaceAll(fence[0] ?? "", "") === "") {
        fence = null;
        close();
      }
      continue;
    }
    if (line.trim() === "") {
      close();
      continue;
    }
    if (structured) {
      const opening = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (opening !== undefined) {
        close();
        fence = opening;
        open = { start, end, lines: true };
        continue;
      }
      const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/.exec(line);
      if (heading) {
        close();
        const title = (heading[2] ?? "").replace(/[ \t]+#+[ \t]*$/, "").trim();
        blocks.push({ start, end, level: heading[1]?.length ?? 1, title, lines: false });
        continue;
      }
      const under: "=" | "-" | undefined = /^ {0,3}(?:(=)=*|(-)-{2,})[ \t]*$/.test(line)
        ? line.includes("=")
          ? "="
          : "-"
        : undefined;
      const above: { start: number; end: number } | null = open;
      if (under && above && !text.slice(above.start, above.end).includes("\n")) {
        const title = text.slice(above.start, above.end).trim();
        open = null;
        blocks.push({ start: above.start, end, level: under === "=" ? 1 : 2, title, lines: false });
        continue;
      }
    }
    const isRow = /^\s*\|/.test(line);
    if (open) {
      open.end = end;
      open.lines ||= isRow;
    } else open = { start, end, lines: isRow };
  }
  close();
  return blocks;
}

function* linesOf(text: string): Generator<{ start: number; end: number }> {
  let start = 0;
  while (start <= text.length) {
    const next = text.indexOf("\n", start);
    const end = next < 0 ? text.length : next;
    yield { start, end };
    start = end + 1;
  }
}
