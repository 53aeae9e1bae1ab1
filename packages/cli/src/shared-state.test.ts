import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type S3Double, startS3Double } from "@tenner/engine/s3-double";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDeployment, stateHash, writeDeployment, writeSpent } from "./customers/deployment-record.ts";
import { openStack } from "./local-stack.ts";
import { openProject, type Project } from "./project.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const CUSTOMER = { since: "2026-11-01T00:00:00Z" };

let directory: string;
let project: Project;
let s3: S3Double;
let api: Server;
let environment: Record<string, string>;

/** A stack of a real account: its API is not on this machine, as far as its settings say. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "tenner-shared-state-"));
  cpSync(join(openProject({}).infra, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
  writeFileSync(
    join(directory, "Pulumi.acme.yaml"),
    `config:\n  tenner:accountId: ${ACCOUNT}\n  tenner:customer: '${JSON.stringify(CUSTOMER)}'\n  tenner:settings: '{"templates":["event-agent"]}'\n`,
  );
  s3 = await startS3Double();
  api = createServer((_, response) => {
    response.writeHead(403, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        success: false,
        result: null,
        errors: [{ code: 10_000, message: "Authentication error" }],
        messages: [],
      }),
    );
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const address = api.address();
  const port = typeof address === "object" && address ? address.port : 0;
  environment = {
    ...s3.environment,
    TENNER_INFRA: directory,
    TENNER_HOME: join(directory, "home"),
    PULUMI_BACKEND_URL: s3.url,
    PULUMI_CONFIG_PASSPHRASE: "correct horse",
    CLOUDFLARE_API_TOKEN: "token-of-the-account-0123456789",
    CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
    NODE_NO_WARNINGS: "1",
  };
  Object.assign(process.env, environment);
  project = openProject();
});

afterAll(async () => {
  for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  rmSync(directory, { recursive: true });
  await s3.close();
  await new Promise((resolve) => api.close(resolve));
});

function tenner(
  words: string[],
  more: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, ...environment, ...more };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

function writeState(): string {
  const urn = `urn:pulumi:acme::tenner::`;
  const resources = [
    { urn: `${urn}pulumi:pulumi:Stack::tenner-acme`, custom: false, type: "pulumi:pulumi:Stack" },
    { urn: `${urn}t:i:T::thing`, custom: true, id: "an-id", type: "t:i:T", inputs: {}, outputs: {} },
  ];
  const manifest = { time: "2026-11-21T00:00:00Z", magic: "", version: "3.259.0" };
  const file = join(directory, "state.json");
  writeFileSync(file, JSON.stringify({ version: 3, deployment: { manifest, resources } }));
  return file;
}

it("reads and writes a stack of a real account whose state is in a bucket", async () => {
  const imported = await tenner(["state", "import", writeState(), "--stack", "acme", "--yes"]);
  expect(imported.stderr).toContain("2 resources");
  expect(s3.objects.has(".pulumi/stacks/tenner/acme.json")).toBe(true);
  const listed = await tenner(["state", "ls", "--stack", "acme", "--json"]);
  expect(listed.stdout).toContain("an-id");
  expect(listed.code).toBe(0);
  expect(existsSync(join(directory, "home", "state"))).toBe(false);
});

it("keeps what is known of customers in the bucket, beside what the Pulumi CLI reads", async () => {
  await tenner(["state", "import", writeState(), "--stack", "acme", "--yes"]);
  const stack = await openStack(project, "acme");
  expect(await readDeployment(stack)).toBeUndefined();
  const at = "2026-11-22T01:02:03.000Z";
  const state = (await stateHash(stack)) ?? "";
  await writeDeployment(stack, {
    version: "0123456789abcdef",
    state,
    at,
    gatewayId: "g",
    capUsd: 5,
    ledgerDatabaseId: "d",
    workers: {},
  });
  await writeSpent(stack, { usd: 1.25, month: new Date().toISOString().slice(0, 7), at });
  expect([...s3.objects.keys()].filter((key) => !key.startsWith(".pulumi/")).sort()).toEqual([
    "customers/acme.deployment.json",
    "customers/acme.spent.json",
  ]);
  const { stdout, stderr } = await tenner(["customer", "list", "--json"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject([
    { name: "acme", accountId: ACCOUNT, state: "behind", version: "0123456789ab", deployed_at: at, spent_usd: 1.25 },
  ]);
});

it("says whether the bucket can be read and written, and leaves nothing in it", async () => {
  const before = s3.objects.size;
  const said = await tenner(["doctor", "--stack", "acme", "--json"]);
  const { findings }: { findings: { what: string; state: string; said: string }[] } = JSON.parse(said.stdout);
  expect(findings.find(({ what }) => what === "state of stack acme")).toMatchObject({
    state: "right",
    said: "s3://states/.pulumi can be read and written",
  });
  expect(s3.objects.size).toBe(before);

  const secret = "another-secret-that-nobody-may-see";
  const wrong = await tenner(["doctor", "--stack", "acme", "--json"], { AWS_SECRET_ACCESS_KEY: secret });
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain("AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID");
  expect(wrong.stdout + wrong.stderr).not.toContain(secret);
});

it.each([
  [
    "Pulumi Cloud",
    { PULUMI_BACKEND_URL: "https://api.pulumi.com" },
    "its state is in Pulumi Cloud (https://api.pulumi.com)",
  ],
  ["no backend", { PULUMI_BACKEND_URL: "" }, "its state is in Pulumi Cloud"],
  [
    "another kind of bucket",
    { PULUMI_BACKEND_URL: "gs://bucket" },
    "its state is at gs://…, which only the Pulumi CLI reads",
  ],
  ["a folder", { PULUMI_BACKEND_URL: "file:///srv/state" }, "on this disk only"],
  ["no keys", { AWS_ACCESS_KEY_ID: "" }, "needs AWS_ACCESS_KEY_ID"],
  ["a missing bucket", { bucket: "gone" }, "there is no such bucket"],
] as const)("refuses %s with what to do instead", async (_, change, message) => {
  const url = s3.url.replace("states", "bucket" in change ? change.bucket : "states");
  const { code, stderr, stdout } = await tenner(["state", "ls", "--stack", "acme"], {
    PULUMI_BACKEND_URL: url,
    ...change,
  });
  expect(stdout + stderr).toContain(message);
  expect(code).toBe(1);
});
