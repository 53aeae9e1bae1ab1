/**
 * A text that a regular expression takes: something in `source` where there is such a thing, else one made from the
 * pattern itself. Undefined when the pattern uses what this does not read (look-around, references).
 */
export function textForPattern(pattern: string, source: string): string | undefined {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
  const found = source.split(/[\s,;()]+/).find((word) => word !== "" && expression.test(word));
  if (found !== undefined) return found;
  try {
    const made = new PatternReader(pattern).alternatives();
    return expression.test(made) ? made : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a pattern and writes the first text that comes to mind: first alternative, fewest repetitions. */
class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  alternatives(): string {
    let first: string | undefined;
    do {
      const text = this.#sequence();
      first ??= text;
    } while (this.#takes("|"));
    return first;
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#peek())) {
      const atom = this.#atom();
      text += atom.repeat(this.#repetitions());
    }
    return text;
  }

  #atom(): string {
    const character = this.#next();
    switch (character) {
      case "^":
      case "$":
        return "";
      case ".":
        return "x";
      case "[":
        return this.#set();
      case "\\":
        return this.#escape();
      case "(": {
        if (this.#takes("?") && !this.#takes(":") && !this.#skipsName()) throw new Error("look-around");
        const text = this.alternatives();
        this.#next();
        return text;
      }
      default:
        return character;
    }
  }

  #skipsName(): boolean {
    const name = /^<[A-Za-z]\w*>/.exec(this.#pattern.slice(this.#at))?.[0];
    this.#at += name?.length ?? 0;
    return name !== undefined;
  }

  #escape(): string {
    const character = this.#next();
    if (/[1-9kpPuxc]/.test(character)) throw new Error("not read here");
    return (
      { d: "1", w: "a", s: " ", D: "a", W: "-", S: "a", b: "", B: "", n: "\n", t: "\t", r: "\r" }[character] ??
      character
    );
  }

  #set(): string {
    const start = this.#at;
    while (this.#peek() !== "]" || this.#at === start) this.#at += this.#peek() === "\\" ? 2 : 1;
    const set = new RegExp(`[${this.#pattern.slice(start, this.#at)}]`, "u");
    this.#at++;
    const found = Array.from("aA1-_ .@#/:+é").find((character) => set.test(character));
    const any = found ?? Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).find((one) => set.test(one));
    if (any === undefined) throw new Error("an empty set");
    return any;
  }

  #repetitions(): number {
    const [all, least] = /^(?:[*?]|\{(\d+)(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at)) ?? [];
    this.#at += all?.length ?? 0;
    if (all === undefined) this.#takes("+");
    this.#takes("?");
    return all === undefined ? 1 : Number(least ?? 0);
  }

  #peek(): string {
    return this.#pattern.charAt(this.#at);
  }

  #next(): string {
    if (this.#at >= this.#pattern.length) throw new Error("the pattern ends early");
    return this.#pattern.charAt(this.#at++);
  }

  #takes(character: string): boolean {
    const found = this.#peek() === character;
    if (found) this.#at++;
    return found;
  }
}
