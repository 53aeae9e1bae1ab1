import { isObject, isSecret, reveal } from "./values.ts";

/** Shorter secrets are not masked in running text: they would hide ordinary words. */
const SHORTEST = 4;

/**
 * Members that name a thing. Pulumi makes a whole object secret for one secret inside it, e.g. all bindings of a script;
 * without the names of things no message could be read.
 */
const NAMING = /^(type|service|dataset)$|(name|id|url)$/i;

/** Knows the secret texts of a stack and takes them out of everything that is shown. */
export class Redactor {
  readonly #texts = new Set<string>();
  #expression: RegExp | undefined;

  /** Learns every secret inside a value. */
  learn(value: unknown): void {
    if (isSecret(value)) this.#learnAll(reveal(value));
    else if (Array.isArray(value)) for (const item of value) this.learn(item);
    else if (isObject(value)) for (const item of Object.values(value)) this.learn(item);
  }

  learnText(text: string): void {
    if (text.length < SHORTEST || this.#texts.has(text)) return;
    this.#texts.add(text);
    const escaped = JSON.stringify(text).slice(1, -1);
    if (escaped !== text) this.#texts.add(escaped);
    this.#expression = undefined;
  }

  mask(text: string): string {
    if (this.#texts.size === 0) return text;
    this.#expression ??= new RegExp(
      [...this.#texts]
        .sort((left, right) => right.length - left.length)
        .map((secret) => secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return text.replace(this.#expression, "[secret]");
  }

  #learnAll(value: unknown): void {
    if (typeof value === "string") this.learnText(value);
    else if (Array.isArray(value)) for (const item of value) this.#learnAll(item);
    else if (isObject(value)) {
      for (const [name, item] of Object.entries(value)) if (!NAMING.test(name)) this.#learnAll(item);
    }
  }
}
