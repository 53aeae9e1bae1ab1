import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { config } from "@tenner/engine";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProject, type Project } from "../project.ts";
import { stackNames } from "../stack-names.ts";
import { alone, findCustomer, markRemoving, readCustomers, settingsOf, writeCustomer } from "./customer.ts";
import { ProgramVersions } from "./program-version.ts";
import { UpgradeJournal } from "./upgrade-journal.ts";

const ACCOUNT = "a".repeat(32);
let directory: string;
let project: Project;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tenner-customers-"));
  cpSync(join(openProject().infra, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
  project = openProject({ TENNER_INFRA: directory, TENNER_HOME: join(directory, "home") });
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(directory, `Pulumi.${name}.yaml`), text);

async function add(name: string, options: { base?: string; budgetUsd?: number } = {}) {
  const wanted = { name, ...options };
  const { stored } = await settingsOf(project, wanted);
  await writeCustomer(project, wanted, stored, { accountId: ACCOUNT });
}

describe("a customer's settings", () => {
  it("belong into git in a real account, and not those of a local one", async () => {
    const file = join(directory, ".gitignore");
    const ignored = () =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("/"));
    write("acme", "config:\n  cloudflare:baseUrl: http://127.0.0.1:8787/client/v4\n");
    await add("globex");
    expect(ignored()).toEqual(["/.gitignore", "/Pulumi.acme.yaml"]);
    write("acme", "config: {}\n");
    await add("initech");
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, "*.mine\n");
    write("acme", "config:\n  cloudflare:baseUrl: http://127.0.0.1:8787/client/v4\n");
    await add("umbrella");
    expect(readFileSync(file, "utf8")).toBe("*.mine\n");
  });

  it("are its base's with its own over them, and share no secret, no domain and no account with it", async () => {
    write(
      "production",
      `config:
  cloudflare:apiToken:
    secure: v1:abc
  tenner:accountId: ${"b".repeat(32)}
  tenner:jwtSecrets:
    secure: v1:def
  tenner:settings:
    domain: example.com
    budget: { monthlyUsd: 50, perTenantUsd: 1 }
encryptionsalt: v1:salt
`,
    );
    await add("acme", { base: "production", budgetUsd: 5 });
    const customer = await findCustomer(project, "Acme");
    expect(customer).toMatchObject({ name: "acme", base: "production", accountId: ACCOUNT, local: false });
    expect(customer.settings).toMatchObject({
      domain: "acme.example.com",
      budget: { monthlyUsd: 5, perTenantUsd: 1 },
    });
    const keys = Object.keys(await config.list({ projectDirectory: directory, stack: "acme" }));
    expect(keys.toSorted((one, other) => one.localeCompare(other))).toEqual([
      "cloudflare:apiToken",
      "tenner:accountId",
      "tenner:customer",
      "tenner:settings",
    ]);
    expect(stackNames(project)).toEqual(["acme", "production"]);
  });

  it("are without the issuers of its base: whoever is a member there is none of the customer's", async () => {
    const issuer = {
      issuer: "https://auth.example",
      audience: "tenner",
      algorithm: "RS256",
      jwksUrl: "https://k.example",
    };
    const access = { ips: ["203.0.113.0/24"], jwt: { leewaySeconds: 5, issuers: [issuer] } };
    write("production", `config:\n  tenner:settings: '${JSON.stringify({ access })}'\n`);
    await add("acme", { base: "production" });
    const { settings } = await findCustomer(project, "acme");
    expect(settings.access).toMatchObject({ ips: access.ips, jwt: { leewaySeconds: 5, issuers: [] } });
  });

  it("that are not right make nothing", async () => {
    await expect(add("acme", { base: "nobody" })).rejects.toThrow("no stack nobody");
    await expect(add("acme", { budgetUsd: -1 })).rejects.toThrow("settings.budget.monthlyUsd");
    expect(stackNames(project)).toEqual([]);
  });

  it("of one that were spoilt by hand are told by name, and hide no other", async () => {
    await add("acme");
    await add("bent");
    await config.set(
      { projectDirectory: directory, stack: "bent" },
      "tenner:settings",
      '{"budget":{"monthlyUsd":"ten"}}',
    );
    write("cut", "config:\n  tenner:customer: '{\n");
    const { customers, broken } = await readCustomers(project);
    expect(customers.map(({ name }) => name)).toEqual(["acme"]);
    expect(broken).toEqual([
      { name: "bent", reason: expect.stringContaining("settings.budget.monthlyUsd") },
      { name: "cut", reason: expect.stringContaining("Pulumi.cut.yaml") },
    ]);
    await expect(findCustomer(project, "bent")).rejects.toThrow("Mend it by hand");
    await expect(findCustomer(project, "nobody")).rejects.toThrow("There is: acme");
  });

  it("say that a removal has begun", async () => {
    await add("acme");
    await markRemoving(project, await findCustomer(project, "acme"));
    expect(await findCustomer(project, "acme")).toMatchObject({ removing: true });
  });
});

it("two operators: the second is told who works on the customer, and another customer is free", async () => {
  await alone(project, { name: "acme" }, 0, async () => {
    await expect(alone(project, { name: "acme" }, 0, async () => {})).rejects.toThrow(
      `Somebody else works on acme: process ${process.pid}`,
    );
    await expect(alone(project, { name: "globex" }, 0, async () => "free")).resolves.toBe("free");
  });
  await expect(alone(project, { name: "acme" }, 0, async () => "free again")).resolves.toBe("free again");
});

describe("a customer's version", () => {
  it("changes with its settings, not with where the API is or that it is removed", async () => {
    await add("acme");
    const version = () => new ProgramVersions(project).of({ stack: "acme" }, []);
    const stack = { projectDirectory: directory, stack: "acme", passphrase: "p" };
    const before = await version();
    await config.set(stack, "cloudflare:baseUrl", "http://127.0.0.1:1/client/v4");
    await markRemoving(project, await findCustomer(project, "acme"));
    expect(await version()).toBe(before);
    await config.set(stack, "tenner:settings", '{"budget":{"monthlyUsd":7}}');
    expect(await version()).not.toBe(before);
  });

  it("changes with the program", async () => {
    const before = await new ProgramVersions(project).ofProgram([]);
    writeFileSync(join(directory, "index.ts"), "export {};");
    expect(await new ProgramVersions(project).ofProgram([])).not.toBe(before);
  });
});

it("an upgrade that was killed leaves word of where it was, one that ended does not", () => {
  const first = UpgradeJournal.begin(project, ["a", "b", "c"]);
  expect(first.interrupted).toBeUndefined();
  first.journal.set("a", "done");
  first.journal.canaryDone("a", "v2");
  first.journal.set("b", "running");
  const second = UpgradeJournal.begin(project, ["b", "c"]);
  expect(second.interrupted).toMatchObject({
    canaryVersion: "v2",
    customers: { a: "done", b: "running", c: "waiting" },
  });
  second.journal.end();
  expect(UpgradeJournal.begin(project, []).interrupted).toBeUndefined();
});
