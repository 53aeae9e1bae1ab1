import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { config, preview, type UpdateResult, up } from "@tenner/engine";
import { type Cloud, createCloud } from "@tenner/local-cloud";
import { openAccountApi } from "../account-api.ts";
import { keepRollouts } from "../keep-rollouts.ts";
import { accountIdOf, prepareLocalStack, type StackReference } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { writeRunning } from "../running.ts";
import { createTerminal } from "../terminal.ts";
import { readFigures } from "./read-figures.ts";
import type { RolloutContext } from "./rollout.ts";

/** A program of one Worker: what a rollout does is the same for every template, and this one is built by nobody. */
const PROGRAM = `
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import * as pulumi from "@pulumi/pulumi";
const accountId = new pulumi.Config("tenner").require("accountId");
const contentSha256 = createHash("sha256").update(readFileSync("worker.js")).digest("hex");
const more = existsSync("more") ? [new WorkersKvNamespace("more", { accountId, title: "more" })] : [];
const script = new WorkersScript("demo", {
  accountId,
  scriptName: "demo",
  mainModule: "worker.js",
  contentFile: "worker.js",
  contentSha256,
  compatibilityDate: "2026-07-01",
  bindings: [
    { name: "SECRET", type: "secret_text", text: pulumi.secret("a secret of the demo") },
    ...more.map(({ id }) => ({ name: "MORE", type: "kv_namespace", namespaceId: id })),
  ],
});
export const templates = { demo: { scriptName: script.scriptName } };
`;

/** ms between two calls of a caller: the machine is to have time for the rollout, too. */
const PAUSE = 20;

/** A stack in a local cloud of its own, with one Worker, and callers. */
export interface RolloutFixture {
  readonly cloud: Cloud;
  readonly context: RolloutContext;
  readonly statuses: ReadonlyMap<string, number>;
  /** Writes the Worker. @param body of `fetch`, a text */
  write(body: string): void;
  /** Makes the program want a namespace more. */
  wantMore(wanted: boolean): void;
  up(): Promise<UpdateResult>;
  preview(): Promise<UpdateResult["changes"]>;
  /** Asks the Worker, by a key if there is one. */
  ask(key?: string): Promise<string>;
  /** Begins `tenner rollout demo …` in a process of its own. */
  tenner(...words: string[]): ChildProcess;
  close(): Promise<void>;
}

/** Starts it, with the Worker's first version deployed and callers that never stop. */
export async function startRolloutFixture(body: string): Promise<RolloutFixture> {
  const directory = mkdtempSync(path.join(tmpdir(), "tenner-rollout-"));
  const infra = path.join(directory, "infra");
  mkdirSync(infra);
  cpSync(path.join(openProject({}).infra, "Pulumi.yaml"), path.join(infra, "Pulumi.yaml"));
  symlinkSync(path.join(openProject({}).infra, "node_modules"), path.join(infra, "node_modules"));
  writeFileSync(path.join(infra, "package.json"), '{"name":"demo","type":"module","main":"index.ts"}');
  writeFileSync(path.join(infra, "index.ts"), PROGRAM);
  const environment = { TENNER_INFRA: infra, TENNER_HOME: path.join(directory, "home") };
  const project = openProject(environment);
  const write = (text: string) =>
    writeFileSync(path.join(infra, "worker.js"), `export default { async fetch(request) { ${text} } };`);
  write(body);

  mkdirSync(project.local, { recursive: true });
  const cloud = await createCloud({ directory: project.cloud, port: 0 });
  const accountId = accountIdOf("local");
  const access = { url: cloud.url, apiUrl: cloud.apiUrl, accountId, apiToken: cloud.token };
  cloud.account({ id: accountId, name: "local", plan: "paid" });
  await writeRunning(project, { pid: process.pid, stack: "local", cloud: access });
  const stack: StackReference = await prepareLocalStack(project, "local", access);
  // Templates are built before a rollout: one that is not changed costs nothing.
  await config.set(stack, "tenner:settings", '{"templates":["event-agent"]}', { secret: false });
  const deploy = () => up({ ...stack, ...keepRollouts({}) });
  const first = await deploy();
  if (first.outcome !== "succeeded") throw new Error(JSON.stringify(first.diagnostics));

  const url = cloud.workerUrl(accountId, "demo") ?? "";
  const statuses = new Map<string, number>();
  let busy = true;
  const caller = async () => {
    while (busy) {
      const status = await fetch(url, { method: "POST" }).then(
        async (response) => {
          await response.arrayBuffer();
          return String(response.status);
        },
        (error: Error) => error.message,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await delay(PAUSE);
    }
  };
  const callers = [caller(), caller(), caller()];
  const terminal = createTerminal();
  return {
    cloud,
    statuses,
    write,
    wantMore(wanted) {
      if (wanted) writeFileSync(path.join(infra, "more"), "");
      else rmSync(path.join(infra, "more"));
    },
    context: {
      name: "demo",
      scriptName: "demo",
      stack,
      api: await openAccountApi(stack),
      terminal: { ...terminal, line: () => {}, done: () => {}, warn: () => {}, fail: () => {} },
      signal: new AbortController().signal,
      gate: { requests: 20, within: 60_000, figures: () => readFigures(access, accountId, "demo") },
    },
    up: deploy,
    preview: async () => {
      const { outcome, changes, diagnostics } = await preview(stack);
      if (outcome !== "succeeded") throw new Error(JSON.stringify(diagnostics));
      return changes;
    },
    ask: async (key) => {
      const headers = key === undefined ? undefined : { "cloudflare-workers-version-key": key };
      return (await fetch(url, headers && { headers })).text();
    },
    tenner: (...words) =>
      spawn(process.execPath, [path.join(import.meta.dirname, "../main.ts"), "rollout", "demo", ...words], {
        stdio: "ignore",
        env: { ...process.env, ...environment, NODE_NO_WARNINGS: "1" },
      }),
    async close() {
      busy = false;
      await Promise.all(callers);
      await cloud.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
