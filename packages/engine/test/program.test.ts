import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { config, destroy, importResource, outputs, preview, refresh, up, updateResource } from "../src/index.ts";
import { ACCOUNT, createProject, PASSPHRASE, steps, type TestProject, TOKEN } from "./project.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

let api: StubApi;
const projects: TestProject[] = [];

async function project(program: string): Promise<TestProject> {
  const made = await createProject(program, api.url);
  projects.push(made);
  return made;
}

beforeAll(async () => {
  api = await startStubApi();
});

afterEach(async () => {
  api.collections.clear();
  api.calls.length = 0;
  api.fault = () => undefined;
  await Promise.all(projects.splice(0).map((made) => made.remove()));
});

afterAll(() => api.close());

const NOTE = `
interface NoteInputs { text: pulumi.Input<string>; password?: pulumi.Input<string> }
const noteProvider = {
  async check(_olds: any, news: any) {
    return { inputs: news, failures: news.text === "bad" ? [{ property: "text", reason: "must not be bad" }] : [] };
  },
  async create(inputs: any) { return { id: "note-" + inputs.text, outs: { ...inputs, length: inputs.text.length } }; },
  async diff(_id: string, olds: any, news: any) { return { changes: olds.text !== news.text, replaces: news.text.startsWith("new") ? ["text"] : [], deleteBeforeReplace: true }; },
  async update(_id: string, _olds: any, news: any) { return { outs: { ...news, length: news.text.length } }; },
  async read(id: string, props: any) { return { id, props }; },
};
class Note extends pulumi.dynamic.Resource {
  declare readonly length: pulumi.Output<number>;
  declare readonly password: pulumi.Output<string>;
  constructor(name: string, inputs: NoteInputs, options?: pulumi.CustomResourceOptions) {
    super(noteProvider, name, { length: undefined, ...inputs }, options, "lab", "Note");
  }
}
`;

describe("a program with components, secrets and a dynamic resource", () => {
  const PROGRAM = `${NOTE}
const settings = new pulumi.Config();
class Box extends pulumi.ComponentResource {
  constructor(name: string) {
    super("lab:index:Box", name);
    const kv = new WorkersKvNamespace(name + "-kv", { accountId, title: settings.require("title") }, { parent: this });
    this.registerOutputs({ kvId: kv.id });
  }
}
new Box("box");
const note = new Note("note", { text: settings.get("text") ?? "hello", password: settings.requireSecret("password") });
pulumi.log.warn("careful now");
console.log("the password is " + settings.require("password"));
export const length = note.length;
export const password = note.password;
export const plain = { a: [1, "two"] };
`;

  it("goes through up, no-op, update, replace, refresh and destroy", async () => {
    const made = await project(PROGRAM);
    await config.set(made.options, "title", "lab-title");
    await config.set(made.options, "password", "hunter2-hunter2", { secret: true });

    const planned = await preview(made.options);
    expect(planned).toMatchObject({
      outcome: "succeeded",
      changes: { create: 4 },
      outputs: { length: { value: "[unknown]" } },
    });
    expect(api.calls).toEqual([]);

    const created = await up(made.options);
    expect(created.diagnostics).toEqual([{ severity: "warning", message: "careful now" }]);
    expect(created.outputs).toEqual({
      length: { value: 5, secret: false },
      password: { value: "[secret]", secret: true },
      plain: { value: { a: [1, "two"] }, secret: false },
    });
    const password = { value: "hunter2-hunter2", secret: true };
    expect(await outputs(made.options)).toEqual({ ...created.outputs, password });
    expect(made.events).toContainEqual({ type: "program-output", stream: "stdout", text: "the password is [secret]" });
    expect(JSON.stringify(await made.state())).not.toContain("hunter2");
    expect(await made.resource("box")).toMatchObject({ outputs: { kvId: expect.any(String) }, type: "lab:index:Box" });
    expect((await made.resource("default"))?.["inputs"]).toMatchObject({
      "lab:title": "lab-title",
      "lab:password": { ciphertext: expect.any(String) },
    });

    const before = await readFile(made.stateFile, "utf8");
    const same = await up(made.options);
    expect(same.changes).toMatchObject({ same: 4, create: 0, update: 0 });
    expect(await readFile(made.stateFile, "utf8")).toBe(before);
    expect((await up({ ...made.options, refresh: true })).changes).toEqual(same.changes);

    await config.set(made.options, "text", "longer text");
    const updated = await up(made.options);
    expect(steps(made.events)).toEqual(["update note"]);
    expect(updated.outputs["length"]?.value).toBe(11);

    await config.set(made.options, "text", "new text");
    const willReplace = await preview(made.options);
    expect(willReplace.outputs["length"]?.value).toBe("[unknown]");
    await up(made.options);
    expect(steps(made.events)).toEqual(["delete-replaced note", "replace note"]);

    expect((await refresh(made.options)).changes).toMatchObject({ refresh: 0, delete: 0 });
    api.collections.clear();
    expect((await refresh(made.options)).changes).toMatchObject({ delete: 1 });

    const destroyed = await destroy(made.options);
    expect(destroyed.outcome).toBe("succeeded");
    expect((await made.state()).resources).toEqual([]);
  });

  it("stops at a dynamic provider's own check, before anything is made", async () => {
    const made = await project(`${NOTE} new Note("note", { text: "bad" });`);
    const result = await up(made.options);
    expect(result.outcome).toBe("failed");
    expect(result.diagnostics[0]?.message).toContain("text: must not be bad");
  });
});

it("deletes nothing when the program throws, and keeps the stack's outputs", async () => {
  const made = await project(`
    new WorkersKvNamespace("a", { accountId, title: "a" });
    export const address = "http://a.example";`);
  await up(made.options);
  await made.write(`throw new Error("half way");`);
  const result = await up(made.options);
  expect(result.outcome).toBe("failed");
  expect(result.diagnostics[0]?.message).toContain("half way");
  expect(api.items("storage/kv/namespaces")).toHaveLength(1);
  expect(await made.resource("a")).toBeDefined();
  expect(await outputs(made.options)).toEqual({ address: { value: "http://a.example", secret: false } });
});

it("ends the siblings of a failure, skips what depends on it, and reports the failure once", async () => {
  const made = await project(`
const bad = new Queue("bad", { accountId, queueName: "bad" });
new WorkersKvNamespace("sibling", { accountId, title: "sibling" });
new WorkersKvNamespace("by-value", { accountId, title: bad.id.apply((id) => "x" + id) });
new WorkersKvNamespace("by-order", { accountId, title: "by-order" }, { dependsOn: bad });
export const id = bad.id;
`);
  api.fault = (method, path) =>
    method === "POST" && path.endsWith("/queues") ? { status: 400, message: "refused" } : undefined;
  const result = await up(made.options);
  expect(result.outcome).toBe("failed");
  expect(result.diagnostics.map(({ message }) => message)).toEqual([expect.stringContaining("refused")]);
  expect(api.items("storage/kv/namespaces").map((item) => item["title"])).toEqual(["sibling"]);
  api.fault = () => undefined;
  expect((await up(made.options)).changes).toMatchObject({ create: 3 });
});

it("uses an explicit provider, and knows it when its token changes", async () => {
  const program = (token: string) => `
const provider = new Provider("cf", { apiToken: pulumi.secret("${token}"), baseUrl: "${api.url}" });
new WorkersKvNamespace("a", { accountId, title: "a" }, { provider });
`;
  const made = await project(program(TOKEN));
  const options = {
    ...made.options,
    environment: { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_BASE_URL: "http://127.0.0.1:9" },
  };
  expect((await up(options)).outcome).toBe("succeeded");
  const provider = await made.resource("cf");
  expect(provider).toMatchObject({
    inputs: { version: "6.22.1", baseUrl: api.url, apiToken: { ciphertext: expect.any(String) } },
  });
  expect((await made.resource("a"))?.["provider"]).toBe(`${String(provider?.["urn"])}::${String(provider?.["id"])}`);
  await made.write(program(`${TOKEN}-rotated`));
  await up(options);
  expect(steps(made.events)).toEqual(["update cf"]);
  expect((await made.resource("cf"))?.["id"]).toBe(provider?.["id"]);
});

it("reads another stack, a resource that is somebody else's, and a function", async () => {
  const other = await project(`export const token = pulumi.secret("other-secret"); export const name = "other";`);
  await up({ ...other.options, stack: "source" });
  await fetch(`${api.url}/accounts/${ACCOUNT}/storage/kv/namespaces`, { method: "POST", body: '{"title":"theirs"}' });
  const id = String(api.items("storage/kv/namespaces")[0]?.["id"]);
  const made = await project(`
import { getAccountOutput } from "@pulumi/cloudflare/getAccount.js";
const reference = new pulumi.StackReference("organization/lab/source");
export const token = reference.getOutput("token");
export const name = reference.requireOutput("name");
export const theirs = WorkersKvNamespace.get("theirs", "${ACCOUNT}/${id}").title;
export const account = getAccountOutput({ accountId }).name;
`);
  const options = { ...made.options, backend: other.options.backend };
  const result = await up(options);
  expect(result.diagnostics).toEqual([]);
  expect((await outputs(options))["token"]?.value).toBe("other-secret");
  expect(result.outputs).toEqual({
    token: { value: "[secret]", secret: true },
    name: { value: "other", secret: false },
    theirs: { value: "theirs", secret: false },
    account: { value: "stub", secret: false },
  });
  await made.write("");
  await up(options);
  expect(api.items("storage/kv/namespaces")).toHaveLength(1);
});

it("updates one resource from the checkpoint without running the program", async () => {
  const made = await project(`
const kv = new WorkersKvNamespace("a", { accountId, title: "one" });
new Queue("q", { accountId, queueName: kv.title });
`);
  await up(made.options);
  await made.write("this is not even a program (");
  const type = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
  const result = await updateResource({
    ...made.options,
    urn: { type, name: "a" },
    change: (inputs) => ({ ...inputs, title: "two" }),
  });
  expect(result).toMatchObject({ outcome: "succeeded", changes: { update: 1 } });
  expect(result.durationMs).toBeLessThan(1_000);
  expect(api.items("storage/kv/namespaces")[0]?.["title"]).toBe("two");
  const order = (await made.state()).resources.map((state) => String(state["urn"]).split("::").at(-1));
  expect(order.indexOf("a")).toBeLessThan(order.indexOf("q"));

  const refused = await updateResource({
    ...made.options,
    urn: { type, name: "a" },
    change: (inputs) => ({ ...inputs, accountId: "f".repeat(32) }),
  });
  expect(refused.diagnostics[0]?.message).toContain("a change of accountId replaces it");
});

it("imports a resource by command, protected, and the program then has no changes", async () => {
  const made = await project(`export const nothing = 1;`);
  await fetch(`${api.url}/accounts/${ACCOUNT}/storage/kv/namespaces`, { method: "POST", body: '{"title":"there"}' });
  const id = `${ACCOUNT}/${String(api.items("storage/kv/namespaces")[0]?.["id"])}`;
  await up(made.options);
  const type = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
  const result = await importResource({ ...made.options, type, name: "a", id });
  expect(result.diagnostics).toEqual([]);
  expect(await made.resource("a")).toMatchObject({ protect: true, inputs: { title: "there", accountId: ACCOUNT } });
  await made.write(`new WorkersKvNamespace("a", { accountId, title: "there" }, { protect: true });`);
  await up(made.options);
  expect(steps(made.events)).toEqual([]);
});

describe("configuration", () => {
  it("keeps comments, encrypts secrets, and hides them without a passphrase", async () => {
    const made = await project("");
    const path = join(made.directory, "Pulumi.dev.yaml");
    await writeFile(path, "# about this stack\nconfig:\n  lab:size: 3 # small\n  lab:list:\n    - a\n    - b\n");
    const place = { projectDirectory: made.directory, stack: "dev" };
    await config.set(place, "size", "4");
    await config.set({ ...place, passphrase: PASSPHRASE }, "key", "s3cret-value", { secret: true });
    const text = await readFile(path, "utf8");
    expect(text).toContain("# about this stack");
    expect(text).toContain("# small");
    expect(text).toMatch(/encryptionsalt: v1:/);
    expect(text).not.toContain("s3cret");
    expect(await config.get({ ...place, passphrase: PASSPHRASE }, "lab:key")).toEqual({
      value: "s3cret-value",
      secret: true,
    });
    expect(await config.list(place)).toEqual({
      "lab:size": { value: "4", secret: false },
      "lab:list": { value: '["a","b"]', secret: false },
      "lab:key": { value: "[secret]", secret: true },
    });
    expect(await config.remove(place, "key")).toBe(true);
    expect(await config.remove(place, "key")).toBe(false);
    expect(await config.get(place, "key")).toBeUndefined();
  });
});
