import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("./components/bundle.ts", () => ({
  readBundle: (folder: string) => ({ file: `${folder}/dist/index.js`, main: "index.js", sha256: "0".repeat(64) }),
}));

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const ACCOUNT = "0123456789abcdef0123456789abcdef";
let made: Made[];

beforeEach(() => {
  vi.resetModules();
  made = [];
});

/** Runs the program as a stack with this configuration. */
async function run(stack: string, configuration: Record<string, string>) {
  const runtime = await import("@pulumi/pulumi");
  runtime.runtime.setAllConfig(configuration);
  await runtime.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        made.push({ type, name, inputs });
        const own = {
          bucketName: inputs.bucketName,
          databaseId: inputs.databaseId,
          scriptName: inputs.scriptName,
          value: `secret of ${name}`,
        };
        return { id: `id-of-${name}`, state: { ...inputs, ...(type.startsWith("pulumi-nodejs:dynamic") && own) } };
      },
      call: () => ({}),
    },
    "tenner",
    stack,
  );
  const { templates } = await import("./index.ts");
  const agent = templates["event-agent"];
  if (!agent) throw new Error("no event-agent");
  const outputs = await new Promise<{ scriptName: string; apiKey: string }>((resolve) => {
    runtime.all([agent.scriptName, agent.apiKey]).apply(([scriptName, apiKey]) => resolve({ scriptName, apiKey }));
  });
  // The last to be made.
  await vi.waitFor(() => expect(find(":WorkersCronTrigger")).toBeDefined());
  const secret = await pulumi.isSecret(agent.apiKey);
  return { ...outputs, url: agent.url, secret };
}

const find = (type: string) => made.find((one) => one.type.endsWith(type))?.inputs;

describe("the program", () => {
  it("makes everything of the event agent with names of the stack's own", async () => {
    const outputs = await run("pr-7", { "tenner:accountId": ACCOUNT });
    expect(outputs).toEqual({
      scriptName: "tenner-pr-7-event-agent",
      apiKey: "secret of event-agent-api-key",
      url: undefined,
      secret: true,
    });
    expect(find("/d1Database:D1Database")).toMatchObject({
      name: "tenner-pr-7-event-agent",
      readReplication: { mode: "disabled" },
    });
    expect(find("/r2Bucket:R2Bucket")).toMatchObject({ name: "tenner-pr-7-event-agent-results" });
    expect(find(":WorkersKvNamespace")).toMatchObject({ title: "tenner-pr-7-event-agent-lookup" });
    expect(find(":WorkersScriptSubdomain")).toMatchObject({ enabled: true, previewsEnabled: false });
    expect(find(":WorkersCronTrigger")).toMatchObject({ schedules: [{ cron: "*/5 * * * *" }] });
    expect(find(":DurableObjectMigrations")).toMatchObject({
      scriptName: "tenner-pr-7-event-agent",
      contentFile: "../templates/event-agent/dist/index.js",
      migrations: [{ tag: "v1", new_sqlite_classes: ["JobRunner"] }],
    });
    expect(find(":WorkersCustomDomain")).toBeUndefined();
  });

  it("gives the script every binding, and never its migrations", async () => {
    await run("pr-7", { "tenner:accountId": ACCOUNT, "tenner:settings": '{"limits":{"submissionsPerMinute":5}}' });
    const script = find(":WorkersScript");
    expect(script?.["migrations"]).toBeUndefined();
    expect(script).toMatchObject({
      mainModule: "index.js",
      contentFile: "../templates/event-agent/dist/index.js",
      assets: { directory: "../templates/event-agent/public" },
      observability: { enabled: true, headSamplingRate: 1 },
    });
    const bindings = revealed(script?.["bindings"]) as { name: string; type: string }[]; // as the program gave them
    expect(bindings.map(({ name, type }) => `${name} ${type}`)).toEqual(
      expect.arrayContaining([
        "AI ai",
        "API_KEY secret_text",
        "ASSETS assets",
        "DB d1",
        "JOBS durable_object_namespace",
        "LOOKUP kv_namespace",
        "METRICS analytics_engine",
        "RESULTS r2_bucket",
        "SETTINGS json",
        "SUBMISSIONS ratelimit",
        "VERSION version_metadata",
        "WEBHOOK_SECRET secret_text",
      ]),
    );
    const binding = (name: string) => bindings.find((one) => one.name === name);
    expect(binding("DB")).toMatchObject({ databaseId: "id-of-event-agent" });
    expect(binding("METRICS")).toMatchObject({ dataset: "tenner_pr_7_event_agent" });
    expect(binding("SUBMISSIONS")).toMatchObject({
      namespaceId: expect.stringMatching(/^\d+$/),
      simple: { limit: 5, period: 60 },
    });
    expect(binding("LOOKUP")).toMatchObject({ namespaceId: "id-of-event-agent-lookup" });
  });

  it("serves a stack with a domain there, and not on workers.dev", async () => {
    const { url } = await run("acme", { "tenner:accountId": ACCOUNT, "tenner:settings": '{"domain":"acme.example"}' });
    await vi.waitFor(() => expect(find(":WorkersCustomDomain")).toBeDefined());
    expect(url).toBe("https://event-agent.acme.example");
    expect(find(":WorkersCustomDomain")).toMatchObject({
      hostname: "event-agent.acme.example",
      service: "tenner-acme-event-agent",
    });
    expect(find(":WorkersScriptSubdomain")).toMatchObject({ enabled: false });
  });

  it("knows the address on workers.dev when it is told the account's name there", async () => {
    const { url } = await run("acme", { "tenner:accountId": ACCOUNT, "tenner:workersSubdomain": "my-company" });
    expect(url).toBe("https://tenner-acme-event-agent.my-company.workers.dev");
  });

  it("gives no resource the API's token or address", async () => {
    await run("acme", {
      "tenner:accountId": ACCOUNT,
      "cloudflare:apiToken": "t0ken",
      "cloudflare:baseUrl": "http://127.0.0.1:1/client/v4",
    });
    expect(JSON.stringify(made)).not.toMatch(/t0ken|127\.0\.0\.1:1/);
  });

  it.each<[string, Record<string, string>, string]>([
    ["no account", {}, "tenner:accountId: is missing"],
    ["a wrong account", { "tenner:accountId": "x" }, "tenner:accountId: is not 32 hexadecimal digits"],
    [
      "a wrong setting",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"budget":{"monthlyUsd":0}}' },
      "tenner:settings.budget.monthlyUsd: ",
    ],
    [
      "a template that is not there",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"templates":["edge-cache"]}' },
      "there is no edge-cache",
    ],
  ])("stops at %s before anything is made", async (_, configuration, message) => {
    await expect(run("acme", configuration)).rejects.toThrow(message);
    expect(made).toEqual([]);
  });
});

/** A list with a secret in it reaches the mocks as one secret. */
function revealed(value: unknown): unknown {
  return typeof value === "object" && value !== null && "value" in value ? value.value : value;
}
