/** The pieces of SQL that matter for finding where a statement ends. */
const TOKEN =
  /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[A-Za-z_][\w$]*|;|[^\s]|\s+/g;

/**
 * Splits SQL at the semicolons that end statements: not at those in strings, quoted names, comments, or the body of a
 * trigger. Statements keep their text, without the semicolon; what is only comment or space is left out.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let text = "";
  let words: string[] = [];
  // How many BEGIN and CASE of a trigger still want their END.
  let depth = 0;
  const finish = () => {
    if (words.length > 0) statements.push(text.trim());
    text = "";
    words = [];
    depth = 0;
  };
  for (const [token] of sql.matchAll(TOKEN)) {
    if (token === ";" && depth === 0) {
      finish();
      continue;
    }
    text += token;
    if (/^(\s|--|\/\*)/.test(token)) continue;
    const word = token.toUpperCase();
    words.push(word);
    if (!isTrigger(words)) continue;
    if (word === "BEGIN" || (word === "CASE" && depth > 0)) depth++;
    if (word === "END" && depth > 0) depth--;
  }
  finish();
  return statements;
}

function isTrigger(words: readonly string[]): boolean {
  return (
    words[0] === "CREATE" &&
    (words[1] === "TRIGGER" || (/^TEMP(ORARY)?$/.test(words[1] ?? "") && words[2] === "TRIGGER"))
  );
}

/** Whether a statement only reads: SELECT, VALUES, EXPLAIN, or WITH without a change behind it. */
export function onlyReads(statement: string): boolean {
  const words = [...statement.matchAll(TOKEN)]
    .map(([token]) => token.toUpperCase())
    .filter((token) => /^[A-Z]/.test(token));
  if (/^(SELECT|VALUES|EXPLAIN)$/.test(words[0] ?? "")) return true;
  return words[0] === "WITH" && !words.some((word) => /^(INSERT|UPDATE|DELETE|REPLACE)$/.test(word));
}
