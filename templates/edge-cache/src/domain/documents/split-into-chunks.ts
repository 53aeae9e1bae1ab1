import { readBlocks } from "./read-blocks.ts";

/** A part of a text that is found and cited as one. */
export interface Chunk {
  /** Where it stands in the text, in UTF-16 units; the end is not part of it. */
  readonly start: number;
  readonly end: number;
  /** The headings that it stands under, outermost first; empty without. */
  readonly heading: string;
}

export interface ChunkOptions {
  /** The text has Markdown's headings, lists and fences. */
  readonly structured: boolean;
  /** Tokens of a chunk, at most. */
  readonly tokens: number;
  /** Tokens that a chunk repeats of the one before it, at most; never from another section. */
  readonly overlap: number;
}

/** A sentence, a line of a list or of code: never cut unless it is longer than a chunk. */
interface Unit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly heading: string;
  readonly beginsParagraph: boolean;
  readonly beginsSection: boolean;
}

/**
 * Splits a text at headings, else at a paragraph's end, else at a sentence's. Every chunk is a piece of the text as it
 * stands there, so that a quote of the one is a quote of the other.
 */
export function splitIntoChunks(text: string, options: ChunkOptions): Chunk[] {
  const chunks: Chunk[] = [];
  let held: Unit[] = [];
  /** Of `held`, those that the chunk before has too. */
  let repeated = 0;
  const emit = (count: number) => {
    const units = held.slice(0, count);
    const [first, last] = [units[0], units.at(-1)];
    if (first && last && count > repeated) {
      chunks.push({ start: first.start, end: last.end, heading: first.heading });
    }
    const rest = held.slice(count);
    const overlap = rest.length > 0 && rest[0]?.beginsSection ? [] : lastTokens(units, options.overlap);
    held = [...overlap, ...rest];
    repeated = overlap.length;
  };

  for (const unit of unitsOf(text, options)) {
    // A section of a few words goes on with the next one: alone it would say too little.
    if (unit.beginsSection && tokensOf(held) >= options.tokens / 4) {
      emit(held.length);
      held = [];
      repeated = 0;
    }
    while (held.length > repeated && tokensOf(held) + unit.tokens > options.tokens)
      emit(placeToCut(held, options.tokens));
    if (tokensOf(held) + unit.tokens > options.tokens) {
      held = [];
      repeated = 0;
    }
    held.push(unit);
  }
  emit(held.length);
  return chunks;
}

/** A rough count: four bytes of UTF-8 are a token. */
export function countTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 4);
}

/** The last paragraph that begins in the second half, else the end. */
function placeToCut(units: readonly Unit[], tokens: number): number {
  let before = 0;
  let place = units.length;
  units.forEach((unit, index) => {
    if (index > 0 && unit.beginsParagraph && before >= tokens / 2) place = index;
    before += unit.tokens;
  });
  return place;
}

function lastTokens(units: readonly Unit[], most: number): Unit[] {
  let tokens = 0;
  let from = units.length;
  while (from > 1) {
    const unit = units[from - 1];
    if (!unit || tokens + unit.tokens > most) break;
    tokens += unit.tokens;
    from--;
  }
  return units.slice(from);
}

function tokensOf(units: readonly Unit[]): number {
  return units.reduce((sum, { tokens }) => sum + tokens, 0);
}

function* unitsOf(text: string, { structured, tokens }: ChunkOptions): Generator<Unit> {
  /** Headings by level. */
  const path: (string | undefined)[] = [];
  let beginsSection = false;
  for (const block of readBlocks(text, structured)) {
    if (block.level !== null) {
      path.length = block.level - 1;
      path[block.level - 1] = block.title;
      beginsSection = true;
    }
    const heading = path.filter(Boolean).join(" › ");
    let beginsParagraph = true;
    for (const piece of piecesOf(text, block, tokens)) {
      yield { ...piece, heading, beginsParagraph, beginsSection: beginsSection && block.level !== null };
      beginsParagraph = false;
    }
    beginsSection = false;
  }
}

/** A sentence's end, with what closes it; or the line before one of a list, a table or code. */
const SENTENCE_END = /[.!?…]["'”’)\]]*\s+|[。！？]\s*|\n(?=\s*(?:[-*+|>]|\d{1,3}[.)])\s?)/g;

function* piecesOf(
  text: string,
  block: { readonly start: number; readonly end: number; readonly lines: boolean },
  tokens: number,
): Generator<{ start: number; end: number; tokens: number }> {
  const inside = text.slice(block.start, block.end);
  let from = 0;
  const borders = [...inside.matchAll(block.lines ? /\n/g : SENTENCE_END)].map(
    (match) => match.index + match[0].length,
  );
  for (const border of [...borders, inside.length]) {
    const piece = trimmed(inside, from, border);
    from = border;
    if (!piece) continue;
    for (const [start, end] of fitted(inside, piece, tokens)) {
      yield {
        start: block.start + start,
        end: block.start + end,
        tokens: countTokens(inside.slice(start, end)),
      };
    }
  }
}

/** A piece that is longer than a chunk is cut at a space, else anywhere but in a character. */
function* fitted(text: string, [start, end]: readonly [number, number], tokens: number): Generator<[number, number]> {
  let from = start;
  while (from < end) {
    let to = end;
    if (countTokens(text.slice(from, to)) > tokens) {
      to = longestFit(text, from, end, tokens);
      const space = Math.max(text.lastIndexOf(" ", to), text.lastIndexOf("\n", to));
      if (space > from + (to - from) / 2) to = space + 1;
    }
    const piece = trimmed(text, from, to);
    if (piece) yield piece;
    from = to;
  }
}

function longestFit(text: string, from: number, end: number, tokens: number): number {
  // A character has at most 3 bytes of UTF-8 a unit, so this many always fit.
  let to = Math.min(end, from + tokens * 4);
  while (countTokens(text.slice(from, to)) > tokens) to = from + Math.floor((to - from) * 0.75);
  const last = text.charCodeAt(to - 1);
  return to - from > 1 && last >= 0xd800 && last < 0xdc00 ? to - 1 : to;
}

function trimmed(text: string, start: number, end: number): [number, number] | null {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from] ?? "")) from++;
  while (to > from && /\s/.test(text[to - 1] ?? "")) to--;
  return from < to ? [from, to] : null;
}
