import { SqlError } from "./sql-error.ts";

/** A piece of SQL. `start` and `end` are its place in the text. */
export interface Token {
  kind: "word" | "number" | "string" | "symbol" | "end";
  /** A word or symbol as written, a string without its quotes. */
  text: string;
  start: number;
  end: number;
}

const PIECE =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^'\\]|''|\\.)*')|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_]\w*)|(?<symbol><=|>=|!=|<>|[-+*/%(),.;=<>])/y;

/** Splits SQL into tokens, the last of kind `end`. @throws {SqlError} for what belongs to no token. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let start = 0;
  while (start < sql.length) {
    PIECE.lastIndex = start;
    const groups = PIECE.exec(sql)?.groups;
    if (!groups) throw new SqlError(`unexpected "${sql.slice(start, start + 20)}"`);
    const end = PIECE.lastIndex;
    const { string, quoted, number, word, symbol } = groups;
    if (string !== undefined) {
      tokens.push({
        kind: "string",
        text: string.slice(1, -1).replace(/''|\\(.)/g, (_, next) => next ?? "'"),
        start,
        end,
      });
    } else if (quoted !== undefined) {
      tokens.push({
        kind: "word",
        text: quoted.slice(1, -1).replace(/""|``/g, (twice) => twice.charAt(0)),
        start,
        end,
      });
    } else if (number !== undefined) tokens.push({ kind: "number", text: number, start, end });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, start, end });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol, start, end });
    start = end;
  }
  tokens.push({ kind: "end", text: "the end", start: sql.length, end: sql.length });
  return tokens;
}
