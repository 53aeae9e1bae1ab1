import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent } from "../src/events.ts";
import type { StackOptions } from "../src/session.ts";
import type { Values } from "../src/values.ts";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const TOKEN = "stub-token-0123456789-0123456789-0123456789";
export const PASSPHRASE = "correct horse";

/** A Pulumi project in a folder of its own, with this package's modules. */
export interface TestProject {
  readonly directory: string;
  readonly stateFile: string;
  readonly options: StackOptions;
  /** What the last operation told. */
  readonly events: EngineEvent[];
  write(program: string): Promise<void>;
  state(): Promise<{ resources: Values[]; pending: Values[] }>;
  /** The stored resource of a name. */
  resource(name: string): Promise<Values | undefined>;
  remove(): Promise<void>;
}

/** @param program TypeScript, after the imports of `pulumi` and `cf` */
export async function createProject(program: string, apiUrl = "http://127.0.0.1:9/client/v4"): Promise<TestProject> {
  const directory = await mkdtemp(join(tmpdir(), "tenner-engine-"));
  const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
  await symlink(modules, join(directory, "node_modules"));
  await mkdir(join(directory, "state"));
  await writeFile(
    join(directory, "Pulumi.yaml"),
    "name: lab\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  await writeFile(join(directory, "package.json"), JSON.stringify({ name: "lab", type: "module", main: "index.ts" }));
  const stateFile = join(directory, "state/.pulumi/stacks/lab/dev.json");
  const events: EngineEvent[] = [];
  const project: TestProject = {
    directory,
    stateFile,
    events,
    options: {
      projectDirectory: directory,
      stack: "dev",
      backend: join(directory, "state"),
      passphrase: PASSPHRASE,
      environment: { CLOUDFLARE_BASE_URL: apiUrl, CLOUDFLARE_API_TOKEN: TOKEN },
      onEvent: (event) => {
        if (event.type === "operation-started") events.length = 0;
        events.push(event);
      },
    },
    write: (text) => writeFile(join(directory, "index.ts"), HEADER + text),
    state: async () => {
      const parsed: { checkpoint: { latest: { resources?: Values[]; pending_operations?: Values[] } } } = JSON.parse(
        await readFile(stateFile, "utf8"),
      );
      const { resources = [], pending_operations: pending = [] } = parsed.checkpoint.latest;
      return { resources, pending };
    },
    resource: async (name) =>
      (await project.state()).resources.find((state) => String(state["urn"]).endsWith(`::${name}`)),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  await project.write(program);
  return project;
}

const HEADER = `import * as pulumi from "@pulumi/pulumi";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { Queue } from "@pulumi/cloudflare/queue.js";
import { Provider } from "@pulumi/cloudflare/provider.js";
const accountId = "${ACCOUNT}";
`;

/** `create lab-a` for every resource that was worked on, in order. */
export function steps(events: readonly EngineEvent[], { same = false } = {}): string[] {
  return events.flatMap((event) => {
    if (event.type !== "resource-finished" || (event.step === "same" && !same)) return [];
    return [`${event.step}${event.replaced ? "-replaced" : ""} ${event.resource.name}`];
  });
}
