import type { WorkerModule } from "./worker-definition.ts";

/** What an upload's code turned out to be. */
export type Validation =
  | { ok: true; handlers: string[]; namedHandlers: { name: string; handlers: string[] }[]; startupTime: number }
  /** `message` names the file and the line. */
  | { ok: false; message: string };

/** Code to try. Bindings are not there: code cannot use them at start-up in a way that fails. */
export interface Candidate {
  readonly mainModule: string;
  readonly modules: readonly WorkerModule[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Text and JSON bindings, which code may read at start-up from `cloudflare:workers`. */
  readonly env: Readonly<Record<string, unknown>>;
}
