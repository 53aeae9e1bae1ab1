import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Checkout } from "@tenner/cli/testing";
import { readJob, submit } from "./agent-client.ts";
import { stack } from "./stack.ts";

const checkout = new Checkout(process.env["E2E_CHECKOUT"]);
const { agent } = stack();

/** Runs a command that is to succeed, and reads its answer. */
async function json(...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await checkout.tenner(...words, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as unknown; // a command's own JSON
}

test("state: lists resources, shows one without its secrets, and goes out and in again", async () => {
  const resources = (await json("state", "ls")) as { name: string; type: string; id?: string }[];
  expect(resources).toContainEqual(
    expect.objectContaining({ name: "event-agent", type: "cloudflare:index/workersScript:WorkersScript" }),
  );
  const shown = await checkout.tenner("state", "show", "event-agent-api-key");
  expect(shown.stdout).toContain("[secret]");
  expect(shown.stdout).not.toContain(agent.apiKey);
  const file = checkout.file("state.json");
  expect((await checkout.tenner("state", "export", "--file", file)).code).toBe(0);
  const text = readFileSync(file, "utf8");
  expect(text).not.toContain(agent.apiKey);
  const imported = await checkout.tenner("state", "import", file, "--yes");
  expect(imported.stderr).toContain(`with ${resources.length} resources`);
  writeFileSync(file, text.slice(0, 1000));
  const refused = await checkout.tenner("state", "import", file, "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("this is not a state");
  expect((await checkout.tenner("state", "repair")).stderr).toContain("the state is sound");
});

test("bill: what was spent, by template and model, and what is left", async () => {
  const { id } = await submit(agent, `What is a lamp? ${Date.now()}`);
  await expect.poll(async () => (await readJob(agent, id)).status, { timeout: 20_000 }).toBe("done");
  const bill = (await json("bill")) as { spent_usd: number; left_usd: number; by_template: { name: string }[] };
  expect(bill).toMatchObject({ ceiling_usd: 10, gateway: { cap_is_on: true } });
  expect(bill.spent_usd).toBeGreaterThan(0);
  expect(bill.spent_usd + bill.left_usd).toBeLessThanOrEqual(10);
  expect(bill.by_template.map(({ name }) => name)).toContain("event-agent");
  const refused = await checkout.tenner("bill", "--month", "November");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--month November")]);
});

test("doctor: finds nothing wrong here, and says what it looked at", async () => {
  const { ok, findings } = (await json("doctor")) as { ok: boolean; findings: { what: string; state: string }[] };
  expect(findings.filter(({ state }) => state === "wrong")).toEqual([]);
  expect(ok).toBe(true);
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["token, D1: Edit", "cap of gateway tenner-local-ai", "disk"]),
  );
});

test("logs and open: a template's lines, and its address with the key", async () => {
  const { stdout } = await checkout.tenner("logs", "event-agent", "--json");
  const lines = stdout.split("\n").filter(Boolean);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ script: "tenner-local-event-agent" });
  expect((await checkout.tenner("open", "event-agent", "--print")).stdout.trim()).toBe(
    `${agent.url}/#key=${agent.apiKey}`,
  );
  const refused = await checkout.tenner("open", "lamp-agent");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/no lamp-agent\. It has: .*event-agent/)]);
});

test("help: in words, without colour when piped", async () => {
  const { code, stdout } = await checkout.tenner("state", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("repair");
  expect(stdout).not.toContain("\u001B");
});
