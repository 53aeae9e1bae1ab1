import { createHash, type Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type StackReference, stackFile } from "../local-stack.ts";
import type { Project } from "../project.ts";

/** Parts of a name that are not the program: what tests it, and what a build says of itself. */
const NOT_THE_PROGRAM =
  /\.test\.ts$|\.map$|(^|[\\/])(node_modules|build\.json|[^\\/]*\.tsbuildinfo|\.gitignore|Pulumi\.[^\\/]+\.yaml)$/;

/** Says of stacks which version of program, bundles and settings would be deployed. Files are read once. */
export class ProgramVersions {
  readonly #project: Project;
  readonly #parts = new Map<string, Promise<string>>();

  constructor(project: Project) {
    this.#project = project;
  }

  /**
   * What decides what a stack becomes, as 64 hexadecimal digits: the Pulumi program with the versions of its packages,
   * migrations, each template's bundle and files, and the stack's settings. Bundles have to be built. The address and
   * the token of the API are not a part of it.
   */
  async of(stack: Pick<StackReference, "stack">, templates: readonly string[]): Promise<string> {
    const settings = settingsOf(stackFile(this.#project, stack.stack));
    return sha256((await Promise.all([this.ofProgram(templates), settings])).join("\n"));
  }

  /** As `of`, without a stack's settings. */
  async ofProgram(templates: readonly string[]): Promise<string> {
    const { root, infra } = this.#project;
    const files = [
      infra,
      path.join(root, "packages/worker-kit/migrations"),
      path.join(root, "pnpm-lock.yaml"),
      ...[...templates]
        .sort()
        .flatMap((name) =>
          ["dist", "migrations", "public", "wrangler.jsonc"].map((part) => path.join(root, "templates", name, part)),
        ),
    ];
    return sha256((await Promise.all(files.map((file) => this.#part(file)))).join("\n"));
  }

  #part(where: string): Promise<string> {
    const known = this.#parts.get(where) ?? hashOf(where);
    this.#parts.set(where, known);
    return known;
  }
}

/** A file's, or a whole folder's. Nothing where nothing is. */
async function hashOf(where: string): Promise<string> {
  const hash = createHash("sha256");
  await addTo(hash, where, "");
  return hash.digest("hex");
}

async function addTo(hash: Hash, where: string, name: string): Promise<void> {
  if (!existsSync(where) || (name !== "" && NOT_THE_PROGRAM.test(name))) return;
  if ((await stat(where)).isFile()) {
    const content = await readFile(where);
    hash.update(`${name}\n${content.byteLength}\n`).update(content);
    return;
  }
  for (const entry of (await readdir(where)).sort()) await addTo(hash, path.join(where, entry), path.join(name, entry));
}

/** The stack's file without what does not change the stack: where the API is, its token, and the mark of a customer. */
async function settingsOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  return sha256(
    text
      .replace(/^ +["']?cloudflare:baseUrl["']?:.*\n/m, "")
      .replace(/^( +)["']?cloudflare:apiToken["']?:.*\n(\1 +.*\n)*/m, "")
      .replace(/^( +)["']?tenner:customer["']?:.*\n(\1 +.*\n)*/m, ""),
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
