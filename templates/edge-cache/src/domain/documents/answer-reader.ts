/** What a model says a source says. */
export interface Claim {
  /** The source's number in the prompt. */
  readonly source: number;
  readonly quote: string;
}

/** A model's answer, taken apart. */
export interface ReadAnswer {
  /** The model's own word: what is asked is not in the sources. */
  readonly refused: boolean;
  readonly text: string;
  readonly claims: readonly Claim[];
}

/** What a model says instead of an answer. */
export const NOT_CONTAINED = "NOT IN THE DOCUMENTS";
/** The line between the answer and its quotes. */
export const DIVIDER = "QUOTES:";

/** A line longer than this is neither the divider nor a refusal. */
const LONGEST_MARK = 40;

/** Reads an answer while it arrives: gives out its text, keeps back its quotes. */
export class AnswerReader {
  #text = "";
  #line = "";
  /** Whether of the line that is being read something was given out. */
  #shown = false;
  #quotes: string | null = null;
  #refused = false;

  /** @returns what of the answer's text is sure by now; often empty */
  add(piece: string): string {
    let out = "";
    for (const part of piece.split(/(?<=\n)/)) {
      if (this.#quotes !== null) {
        this.#quotes += part;
        continue;
      }
      this.#line += part;
      if (this.#line.endsWith("\n")) out += this.#endLine();
      else if (this.#shown || this.#line.length > LONGEST_MARK) out += this.#showLine();
    }
    return out;
  }

  /** What was kept back, once nothing follows. */
  end(): string {
    return this.#quotes === null ? this.#endLine() : "";
  }

  /** The whole, once nothing follows. */
  result(): ReadAnswer {
    return {
      refused: this.#refused,
      text: this.#text.trim(),
      claims: (this.#quotes ?? "").split("\n").flatMap((line) => claimOf(line) ?? []),
    };
  }

  #endLine(): string {
    if (!this.#shown) {
      if (isDivider(this.#line)) {
        this.#line = "";
        this.#quotes = "";
        return "";
      }
      if (this.#text.trim() === "" && isRefusal(this.#line)) {
        this.#line = "";
        this.#refused = true;
        // Whatever follows is not an answer.
        this.#quotes = "";
        return "";
      }
    }
    const out = this.#showLine();
    this.#shown = false;
    return out;
  }

  #showLine(): string {
    const out = this.#line;
    this.#line = "";
    this.#shown = true;
    this.#text += out;
    return out;
  }
}

function isDivider(line: string): boolean {
  return /^[\s#*_-]*(?:quotes?|citations?|sources?)[\s*_]*:?[\s*_]*$|^\s*-{3,}\s*$/i.test(line) && /\S/.test(line);
}

function isRefusal(line: string): boolean {
  const words = line.toUpperCase().match(/[A-Z]+/g) ?? [];
  return words.join(" ").startsWith(NOT_CONTAINED);
}

/** `[2] "the words"`, in the forms that models give it. */
function claimOf(line: string): Claim | null {
  const [, number, said] =
    /^\s*(?:[-*•]\s*)?(?:\[|\()?(?:source[ -]?)?(\d{1,2})(?:\]|\))?\s*[:.–-]?\s*(\S.*)$/i.exec(line) ?? [];
  const quote = said
    ?.trim()
    .replace(/^["“”„«'‘]|["“”»'’][.,;]?$/g, "")
    .trim();
  return number !== undefined && quote ? { source: Number(number), quote } : null;
}
