import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { config, isBucket, type StackOptions } from "@tenner/engine";
import { ignoreInGit, isGitIgnored } from "./git-ignored-stacks.ts";
import { makeLocalAccount } from "./local-account.ts";
import type { Project } from "./project.ts";
import { refuseUnknownStack, stackNames } from "./stack-names.ts";
import { UserError } from "./user-error.ts";

/** The name of the stack that `npm start` deploys. */
export const LOCAL_STACK = "local";

/**
 * The account of a local stack in the local cloud, unless its settings name another: one a stack, so that stacks cannot
 * touch each other. 32 hexadecimal digits.
 */
export function accountIdOf(stack: string): string {
  return createHash("sha256").update(`tenner local stack ${stack}`).digest("hex").slice(0, 32);
}

/** Where the local cloud listens unless told otherwise. */
export const DEFAULT_PORT = 8787;

/** The account that a local stack's settings name, or else its own. */
export function localAccountOf(project: Project, stack: string): string {
  const file = stackFile(project, stack);
  const settings = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^ *["']?tenner:accountId["']?: *["']?([0-9a-f]{32})\b/m.exec(settings)?.[1] ?? accountIdOf(stack);
}

/** What the engine needs to know of a stack. */
export type StackReference = Pick<
  StackOptions,
  "projectDirectory" | "stack" | "backend" | "localDirectory" | "passphrase"
>;

/** The stack's settings point at an API on this machine. */
export async function isLocalStack(project: Project, stack: string): Promise<boolean> {
  if (stack === LOCAL_STACK) return true;
  const file = stackFile(project, stack);
  if (!existsSync(file)) return false;
  return /cloudflare:baseUrl:\s*["']?http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(await readFile(file, "utf8"));
}

/**
 * How the engine reaches a stack: local ones keep their state in `.tenner`, others where the user says.
 *
 * @throws UserError when there is no such stack
 */
export async function openStack(project: Project, stack: string, environment = process.env): Promise<StackReference> {
  const reference = { projectDirectory: project.infra, localDirectory: project.local, stack };
  if (stack !== LOCAL_STACK) refuseUnknownStack(project, stack);
  if (await isLocalStack(project, stack)) {
    return { ...reference, backend: project.state, passphrase: await localPassphrase(project) };
  }
  return {
    ...reference,
    backend: sharedBackend(stack, environment),
    passphrase: await givenPassphrase(stack, environment),
  };
}

/**
 * Writes the settings a local stack needs where they are missing or differ: the API's address and token, and the
 * account, which is made in the cloud. A changed port is a provider update and no more.
 */
export async function prepareLocalStack(
  project: Project,
  name: string,
  cloud: { apiUrl: string; apiToken: string },
): Promise<StackReference> {
  if (existsSync(stackFile(project, name)) && !(await isLocalStack(project, name))) {
    throw new UserError(
      `Stack ${name} is not a local one (${stackFile(project, name)}): the local cloud does not take it.`,
    );
  }
  const stack = {
    projectDirectory: project.infra,
    stack: name,
    backend: project.state,
    passphrase: await localPassphrase(project),
  };
  const accountId = localAccountOf(project, name);
  // A shared one has been given its name when it was chosen.
  await makeLocalAccount(cloud, { id: accountId, name: accountId === accountIdOf(name) ? name : `shared by ${name}` });
  const wanted: [key: string, value: string, secret: boolean][] = [
    ["cloudflare:baseUrl", cloud.apiUrl, false],
    ["cloudflare:apiToken", cloud.apiToken, true],
    ["tenner:accountId", accountId, false],
  ];
  for (const [key, value, secret] of wanted) {
    const current = await config.get(stack, key);
    if (current?.value !== value) await config.set(stack, key, value, { secret });
  }
  if (!(await isGitIgnored(project, name))) await ignoreLocalStacks(project);
  return stack;
}

/** To be called when a stack was made or removed: git leaves out the settings of local ones, and of no other. */
export async function ignoreLocalStacks(project: Project): Promise<void> {
  const names = stackNames(project);
  const local = await Promise.all(names.map((name) => isLocalStack(project, name)));
  await ignoreInGit(
    project,
    names.filter((_, index) => local[index]),
  );
}

/** Removes the states of the local stacks that an account belongs to. Their settings stay. */
export function forgetStackOf(project: Project, accountId: string): void {
  const stacks = path.join(project.state, ".pulumi", "stacks");
  if (!existsSync(stacks)) return;
  for (const file of readdirSync(stacks, { recursive: true, encoding: "utf8" })) {
    const stack = /^(.+)\.json(\.bak)?$/.exec(path.basename(file))?.[1];
    if (stack !== undefined && localAccountOf(project, stack) === accountId) rmSync(path.join(stacks, file));
  }
}

/** The file of a stack's settings, beside Pulumi.yaml. */
export function stackFile(project: Project, stack: string): string {
  return path.join(project.infra, `Pulumi.${stack}.yaml`);
}

async function localPassphrase(project: Project): Promise<string> {
  if (!existsSync(project.passphraseFile)) {
    if (existsSync(path.join(project.state, ".pulumi", "stacks"))) {
      throw new UserError(
        `${project.passphraseFile} is missing, but ${project.state} holds a state encrypted with it.\n` +
          "Put the file back, or remove the whole folder to begin anew (all local data is lost).",
      );
    }
    await mkdir(project.local, { recursive: true });
    await writeFile(project.passphraseFile, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  }
  return (await readFile(project.passphraseFile, "utf8")).trim();
}

function sharedBackend(stack: string, environment: NodeJS.ProcessEnv): string {
  const backend = environment["PULUMI_BACKEND_URL"] || "https://api.pulumi.com";
  if (isBucket({ backend })) return backend;
  if (backend.startsWith("file://")) {
    if (environment["TENNER_STATE_ON_DISK"] === "yes") return backend.slice("file://".length);
    throw new UserError(
      `Stack ${stack} is not a local one, and ${backend} keeps its state on this disk only: whoever loses the disk loses the stack.\n` +
        'Keep it in a bucket (PULUMI_BACKEND_URL="s3://…", docs/guides/real-account.md), or set TENNER_STATE_ON_DISK=yes if this is what you want.',
    );
  }
  if (backend.startsWith("https://")) {
    throw new UserError(
      `Stack ${stack} is not a local one, and its state is in Pulumi Cloud (${backend}), which only the Pulumi CLI reads: npm run pulumi -- up -s ${stack}\n` +
        'For the commands of tenner keep it in a bucket: PULUMI_BACKEND_URL="s3://BUCKET?endpoint=ACCOUNT_ID.r2.cloudflarestorage.com&region=auto" (docs/guides/real-account.md).',
    );
  }
  throw new UserError(
    `Stack ${stack} is not a local one, and its state is at ${backend.replace(/:.*/s, "://…")}, which only the Pulumi CLI reads: npm run pulumi -- up -s ${stack}\n` +
      "The commands of tenner read states in s3:// and file://.",
  );
}

async function givenPassphrase(stack: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const file = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  const passphrase =
    environment["PULUMI_CONFIG_PASSPHRASE"] ?? (file ? (await readFile(file, "utf8")).trim() : undefined);
  if (passphrase === undefined) {
    throw new UserError(`Stack ${stack} needs PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE.`);
  }
  return passphrase;
}
