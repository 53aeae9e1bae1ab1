import { existsSync } from "node:fs";
import { join } from "node:path";
import { BucketError } from "./bucket/bucket-error.ts";
import { removeDurable, writeDurably } from "./durable-file.ts";
import type { StackName } from "./urn.ts";

/** The bucket did not take the state; the newest one is in a file of this machine. */
export class UnsavedStateError extends Error {
  override readonly name = "UnsavedStateError";
  readonly path: string;

  constructor(path: string, stack: string, reason: unknown) {
    const said = reason instanceof Error ? reason.message : String(reason);
    super(`the state could not be saved: ${said}. The newest one is in ${path}. ${advice(path, stack, reason)}`, {
      cause: reason,
    });
    this.path = path;
  }
}

function advice(path: string, stack: string, reason: unknown): string {
  const again = "run the command again: it looks for what was being made";
  if (reason instanceof BucketError && reason.code === "Conflict") return `It must not replace the other's; ${again}`;
  return (
    `When the bucket is there again, put it back with \`tenner state import ${path} -s ${stack}\`, ` +
    `before anybody else works on the stack; or only ${again}`
  );
}

/** Keeps a state that a bucket did not take, in the form that `importState` reads. */
export class UnsavedState {
  readonly path: string;
  readonly #stack: string;
  #mayBeThere = true;

  constructor(localDirectory: string, { project, stack }: StackName) {
    this.path = join(localDirectory, "unsaved", project, `${stack}.json`);
    this.#stack = stack;
  }

  /** @returns what to tell: where the state is now, or, when the disk did not take it either, why not */
  async keep(text: string, reason: unknown): Promise<Error> {
    // The text is our own: a checkpoint as it was to be written.
    const { checkpoint }: { checkpoint: { latest: unknown } } = JSON.parse(text);
    try {
      await writeDurably(this.path, JSON.stringify({ version: 3, deployment: checkpoint.latest }));
    } catch (error) {
      return new AggregateError([reason, error], `the state could not be saved: ${String(reason)}; ${String(error)}`);
    }
    this.#mayBeThere = true;
    return new UnsavedStateError(this.path, this.#stack, reason);
  }

  /** To be called when a newer state was saved. */
  async forget(notice: (message: string) => void = () => {}): Promise<void> {
    if (!this.#mayBeThere) return;
    this.#mayBeThere = false;
    if (!existsSync(this.path)) return;
    await removeDurable(this.path);
    notice(`the state is saved; the older one in ${this.path} is removed`);
  }
}
