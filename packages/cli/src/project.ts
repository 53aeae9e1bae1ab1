import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where the parts of one checkout are. All paths are absolute. */
export interface Project {
  readonly root: string;
  /** The Pulumi program. */
  readonly infra: string;
  /** Git-ignored: the local cloud's folder, the state of local stacks, their passphrase. */
  readonly local: string;
  readonly cloud: string;
  readonly state: string;
  /** Models that were installed for the local cloud. */
  readonly models: string;
  readonly passphraseFile: string;
  /** What runs now: written by `tenner start` and `tenner cloud`, removed when they end. */
  readonly runningFile: string;
}

/** The checkout this file belongs to. `TENNER_HOME` moves the git-ignored folder, e.g. for a test. */
export function openProject(environment: NodeJS.ProcessEnv = process.env): Project {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
  const local = path.resolve(root, environment["TENNER_HOME"] ?? ".tenner");
  return {
    root,
    infra: path.resolve(root, environment["TENNER_INFRA"] ?? "infra"),
    local,
    cloud: path.join(local, "cloud"),
    state: path.join(local, "state"),
    models: path.join(local, "models"),
    passphraseFile: path.join(local, "passphrase"),
    runningFile: path.join(local, "running.json"),
  };
}

/** The names of the templates in the checkout: folders with a wrangler.jsonc. */
export function templateNames(project: Project): string[] {
  const folder = path.join(project.root, "templates");
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, "wrangler.jsonc")))
    .sort();
}
