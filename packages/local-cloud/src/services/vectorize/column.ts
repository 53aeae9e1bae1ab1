import type { Scalar } from "./metadata.ts";

/**
 * One property of all vectors of an index, by slot: small numbers that stand for values, so that a condition is tried
 * once a value and not once a vector.
 */
export class Column {
  /** By slot; 0: none. */
  #codes = new Int32Array(1024);
  readonly #values: (Scalar | undefined)[] = [undefined];
  readonly #numbers = new Map<Scalar, number>();

  set(slot: number, value: Scalar | undefined): void {
    if (slot >= this.#codes.length) {
      if (value === undefined) return;
      const longer = new Int32Array(Math.max(slot + 1, this.#codes.length * 2));
      longer.set(this.#codes);
      this.#codes = longer;
    }
    this.#codes[slot] = value === undefined ? 0 : this.#numberOf(value);
  }

  /** Keeps those of the first `count` slots in `slots` whose value passes. Answers how many are left. */
  keep(slots: Uint32Array, count: number, passes: (value: Scalar | undefined) => boolean): number {
    const verdicts = Uint8Array.from(this.#values, (value) => Number(passes(value)));
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const slot = slots[index] ?? 0;
      if (verdicts[this.#codes[slot] ?? 0] === 1) slots[kept++] = slot;
    }
    return kept;
  }

  #numberOf(value: Scalar): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#values.push(value) - 1;
    this.#numbers.set(value, number);
    return number;
  }
}
