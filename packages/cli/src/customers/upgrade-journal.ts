import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import type { Project } from "../project.ts";

const Journal = z.object({
  /** RFC 3339 */
  begunAt: z.string(),
  pid: z.number(),
  /** The customer that went first, once it was well. */
  canary: z.string().optional(),
  /** The version that the canary was upgraded to; another program wants another canary. */
  canaryVersion: z.string().optional(),
  customers: z.record(z.string(), z.enum(["waiting", "running", "done", "failed"])),
});
type Journal = z.infer<typeof Journal>;

/**
 * What an upgrade of several customers has done so far, on disk, so that the next one knows where a killed one was. Who
 * is done is told by its deployment, not by this: a customer whose version is the wanted one is left alone.
 */
export class UpgradeJournal {
  readonly #file: string;
  #journal: Journal;

  private constructor(file: string, journal: Journal) {
    this.#file = file;
    this.#journal = journal;
  }

  /** Begins an upgrade. @returns the journal, and what was left of an upgrade that did not come to its end */
  static begin(project: Project, names: readonly string[]): { journal: UpgradeJournal; interrupted?: Journal } {
    const file = path.join(project.state, "customers", "upgrade.json");
    const interrupted = read(file);
    const customers = Object.fromEntries(names.map((name) => [name, "waiting" as const]));
    const { canary, canaryVersion } = interrupted ?? {};
    const journal = new UpgradeJournal(file, {
      begunAt: new Date().toISOString(),
      pid: process.pid,
      ...(canary !== undefined && { canary }),
      ...(canaryVersion !== undefined && { canaryVersion }),
      customers,
    });
    journal.#write();
    return { journal, ...(interrupted && { interrupted }) };
  }

  /** A canary was well with this version. */
  canaryDone(canary: string, canaryVersion: string): void {
    this.#journal = { ...this.#journal, canary, canaryVersion };
    this.#write();
  }

  set(name: string, state: Journal["customers"][string]): void {
    this.#journal.customers[name] = state;
    this.#write();
  }

  /** The upgrade has come to its end, well or not: nothing is to be resumed. */
  end(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    mkdirSync(path.dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(this.#journal, null, 2)}\n`);
    renameSync(temporary, this.#file);
  }
}

/** One that was cut short counts as none: deployments tell what is done. */
function read(file: string): Journal | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return Journal.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}
