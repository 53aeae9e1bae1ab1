import type { Locks } from "./lock.ts";

/**
 * Where states are kept: files by their key, a path with slashes that begins where `.pulumi` stands. A reader sees a file
 * as it was or as it is, never in part.
 */
export interface StateStore {
  /** What a person finds a file by: its path, or its address in the bucket. */
  describe(key: string): string;
  /** @returns undefined when there is no such file */
  read(key: string): Promise<string | undefined>;
  /**
   * Ends when the file survives a crash of this machine.
   * @param backup where the file that is replaced stays
   * @throws when it could not be written; the one before is there as it was
   */
  write(key: string, text: string, backup?: string): Promise<void>;
  /** Gives a file's content a second name, in place of what had it. Nothing happens when there is no such file. */
  keepAs(key: string, name: string): Promise<void>;
  /** Nothing happens when there is no such file. */
  remove(key: string): Promise<void>;
  /** Everything below a folder. */
  removeAll(folder: string): Promise<void>;
  /** The files of a folder, without those of folders in it. */
  names(folder: string): Promise<string[]>;
  /** The locks that are files of a folder. */
  locks(folder: string): Locks;
}
