import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeDurably } from "../src/durable-file.ts";
import {
  exportState,
  importState,
  listResources,
  removeDurable,
  repairState,
  StackLockedError,
  StateError,
  WrongPassphraseError,
} from "../src/index.ts";
import { lockStack } from "../src/lock.ts";
import { secret } from "../src/values.ts";
import { createProject, type TestProject } from "./project.ts";
import { KV, kv, upWith, urnOf } from "./run-goals.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

let api: StubApi;
let project: TestProject;

beforeEach(async () => {
  api = await startStubApi();
  project = await createProject("", api.url);
  await upWith(project, async (register) => {
    await register(kv("a"));
    await register(kv("b", { dependencies: [urnOf(KV, "a")] }));
  });
});

afterEach(async () => {
  await project.remove();
  await api.close();
});

type State = { checkpoint: { latest: { resources: { urn: string; dependencies?: string[] }[] } } };

/** Writes the state file anew, as a hand would. */
async function edit(change: (state: State) => void): Promise<void> {
  const state: State = JSON.parse(await readFile(project.stateFile, "utf8"));
  change(state);
  await writeFile(project.stateFile, JSON.stringify(state));
}

const names = async () => (await listResources(project.options)).map(({ name }) => name);
const upAgain = () =>
  upWith(project, async (register) => {
    await register(kv("a"));
    await register(kv("b", { dependencies: [urnOf(KV, "a")] }));
  });

describe("a stack's resources", () => {
  it("are listed in the state's order, with secrets hidden unless they are asked for", async () => {
    await upWith(project, async (register) =>
      register({ ...kv("c"), inputs: { accountId: "x", title: secret("hush") } }),
    );
    const found = (await listResources(project.options)).find(({ name }) => name === "c");
    expect(found).toMatchObject({ type: KV, name: "c", protected: false, toBeDeleted: false, pending: undefined });
    expect(JSON.stringify(found)).not.toContain("hush");
    expect(found?.inputs["title"]).toBe("[secret]");
    const shown = (await listResources({ ...project.options, showSecrets: true })).find(({ name }) => name === "c");
    expect(shown?.inputs["title"]).toBe("hush");
  });
});

describe("an exported state", () => {
  it("comes back as it was, so that nothing is left to do", async () => {
    const text = await exportState(project.options);
    expect(JSON.parse(text)).toMatchObject({ version: 3, deployment: { secrets_providers: { type: "passphrase" } } });
    await upWith(project, (register) => register(kv("a")));
    expect(await names()).not.toContain("b");
    await upAgain();
    const now = await exportState(project.options);
    expect(await importState(project.options, now)).toBe(4);
    expect((await upAgain()).changes).toMatchObject({ create: 0, update: 0, delete: 0 });
  });

  it.each([
    ["text", "hello", "not a state"],
    ["another version", '{"version": 2, "deployment": {}}', "version 3"],
    ["the state file itself", '{"version": 3, "checkpoint": {"stack": "x"}}', "version 3"],
    ["a deployment of something else", '{"version": 3, "deployment": {"resources": [{"urn": 7}]}}', "urn"],
  ])("is refused when it is %s", async (_, text, reason) => {
    const before = await readFile(project.stateFile, "utf8");
    const refused = importState(project.options, text);
    await expect(refused).rejects.toThrow(StateError);
    await expect(refused).rejects.toThrow(reason);
    expect(await readFile(project.stateFile, "utf8")).toBe(before);
  });

  it("is refused when it is another stack's, or under another passphrase, or while somebody works", async () => {
    const text = await exportState(project.options);
    const before = await readFile(project.stateFile, "utf8");
    await expect(
      importState(project.options, text.replaceAll("urn:pulumi:dev::", "urn:pulumi:prod::")),
    ).rejects.toThrow(/another stack: it has urn:pulumi:prod::.*this is stack dev/);
    await expect(importState({ ...project.options, passphrase: "wrong" }, text)).rejects.toThrow(WrongPassphraseError);
    const release = await lockStack(`${project.directory}/state/.pulumi/locks/organization/lab/dev`, {
      wait: 0,
      notice: () => {},
    });
    await expect(importState(project.options, text)).rejects.toThrow(StackLockedError);
    await release();
    expect(await readFile(project.stateFile, "utf8")).toBe(before);
  });

  it("is not there before the first deployment", async () => {
    await expect(exportState({ ...project.options, stack: "new" })).rejects.toThrow("stack new has no state");
    expect(await listResources({ ...project.options, stack: "new" })).toEqual([]);
  });
});

describe("a repair", () => {
  it("leaves a sound state as it is", async () => {
    const before = await readFile(project.stateFile, "utf8");
    expect(await repairState(project.options)).toEqual({ restored: false, changes: [] });
    expect(await readFile(project.stateFile, "utf8")).toBe(before);
  });

  it("puts the backup in place of a state that cannot be read, and keeps that", async () => {
    await upAgain();
    await truncate(project.stateFile, 300);
    expect(await repairState(project.options)).toMatchObject({ restored: true });
    expect((await readFile(`${project.stateFile}.corrupt`, "utf8")).length).toBe(300);
    expect((await upAgain()).outcome).toBe("succeeded");
  });

  it("forgets what is not there, drops repeats and restores the order", async () => {
    const [a, b] = [urnOf(KV, "a"), urnOf(KV, "b")];
    await edit(({ checkpoint: { latest } }) => {
      const [first, second] = [a, b].map((urn) => latest.resources.find((resource) => resource.urn === urn));
      const others = latest.resources.filter((resource) => resource !== first && resource !== second);
      if (!first || !second) throw new Error("two namespaces");
      latest.resources = [{ ...second, dependencies: [a, urnOf(KV, "ghost")] }, ...others, first, { ...first }];
    });
    const { changes } = await repairState(project.options);
    expect(changes).toEqual([
      `${a} stood twice: the later one is kept`,
      `${b} pointed to ${urnOf(KV, "ghost")}, which is not there`,
      "resources stood before what they need: put in order",
    ]);
    expect(await names()).toEqual(["lab-dev", "default_6_22_1", "a", "b"]);
    expect((await upAgain()).changes).toMatchObject({ create: 0, delete: 0 });
    expect(await repairState(project.options)).toMatchObject({ changes: [] });
  });
});

it("a file that is removed for good goes with what a kill has left of its writing", async () => {
  const file = join(project.directory, "Pulumi.gone.yaml");
  await writeDurably(file, "config: {}\n");
  for (const name of [".Pulumi.gone.yaml.1234.tmp", ".Pulumi.gone-too.yaml.1234.tmp"]) {
    await writeFile(join(project.directory, name), "con");
  }
  await removeDurable(file);
  await removeDurable(file);
  const left = (await readdir(project.directory)).filter((name) => name.includes("gone"));
  expect(left).toEqual([".Pulumi.gone-too.yaml.1234.tmp"]);
});
