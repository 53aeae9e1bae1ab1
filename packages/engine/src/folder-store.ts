import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { filesIn, keepAs, readIfThere, removeDurable, writeDurably } from "./durable-file.ts";
import type { Locks } from "./lock.ts";
import { folderLocks } from "./lock-folder.ts";
import type { StateStore } from "./state-store.ts";

/** States in a folder of this machine. */
export class FolderStore implements StateStore {
  readonly #root: string;

  /** @param root absolute */
  constructor(root: string) {
    this.#root = root;
  }

  describe(key: string): string {
    return join(this.#root, key);
  }

  read(key: string): Promise<string | undefined> {
    return readIfThere(this.describe(key));
  }

  write(key: string, text: string, backup?: string): Promise<void> {
    return writeDurably(this.describe(key), text, backup === undefined ? undefined : this.describe(backup));
  }

  async keepAs(key: string, name: string): Promise<void> {
    await mkdir(dirname(this.describe(name)), { recursive: true });
    await keepAs(this.describe(key), this.describe(name));
  }

  remove(key: string): Promise<void> {
    return removeDurable(this.describe(key));
  }

  removeAll(folder: string): Promise<void> {
    return rm(this.describe(folder), { recursive: true, force: true });
  }

  names(folder: string): Promise<string[]> {
    return filesIn(this.describe(folder));
  }

  locks(folder: string): Locks {
    return folderLocks(this.describe(folder));
  }
}
