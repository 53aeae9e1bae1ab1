/** The words of a simple command, as a shell would split it: quotes group, a backslash is the next character. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'\\])+/g)) {
    words.push(
      word.replaceAll(
        /"((?:\\.|[^"])*)"|'([^']*)'|\\(.)/g,
        (_, double, single, escaped) => double ?? single ?? escaped,
      ),
    );
  }
  return words;
}
