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
  runtime.runtime.setAllConfig({ ...(stack.startsWith("pr-") && { "tenner:preview": "{}" }), ...configuration });
  await runtime.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (type === "pulumi:pulumi:Stack") return { id: name, state: inputs };
        made.push({ type, name, inputs });
        const own = {
          bucketName: inputs.bucketName,
          databaseId: inputs.databaseId,
          gatewayId: inputs.gatewayId,
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
  // As Pulumi's runner does, except that a failure is the caller's to see.
  const { promise: loading, resolve } = Promise.withResolvers<Promise<typeof import("./index.ts")>>();
  await runtime.runtime.runInPulumiStack(async () => {
    const program = import("./index.ts");
    resolve(program);
    await program.catch(() => {});
  });
  const program = await loading;
  const { aiGateway, ledger, templates } = program;
  const agent = Object.values(templates)[0];
  if (!agent) throw new Error("no template");
  const outputs = await new Promise<{ scriptName: string; apiKey: string }>((resolve) => {
    runtime.all([agent.scriptName, agent.apiKey]).apply(([scriptName, apiKey]) => resolve({ scriptName, apiKey }));
  });
  // The last to be made.
  await vi.waitFor(() => {
    for (const name of Object.keys(templates)) expect(find(":WorkersCronTrigger", name)).toBeDefined();
  }, 15_000);
  const secret = await pulumi.isSecret(agent.apiKey);
  const shared = await new Promise((resolve) => {
    runtime.all([aiGateway, ledger]).apply(([gateway, database]) => resolve({ aiGateway: gateway, ledger: database }));
  });
  return { ...outputs, url: agent.url, secret, shared };
}

const find = (type: string, name?: string) =>
  made.find((one) => one.type.endsWith(type) && (name === undefined || one.name === name))?.inputs;

describe("the program", () => {
  it("gives a stack of 24 characters names that are plain and whole in every product", async () => {
    const stack = "a".repeat(24);
    const templates = ["event-agent", "async-pipeline", "edge-cache", "valuation-app"];
    await run(stack, { "tenner:accountId": ACCOUNT, "tenner:settings": JSON.stringify({ templates }) });
    const keys = ["scriptName", "databaseName", "bucketName", "title", "queueName", "indexName", "aiGatewayId"];
    const names = new Set(
      made.flatMap(({ inputs }) => keys.map((key) => inputs[key])).filter((name) => typeof name === "string"),
    );
    expect(names.size).toBeGreaterThanOrEqual(20);
    for (const name of names) {
      expect(name).toMatch(new RegExp(`^tenner-${stack}-[a-z0-9-]+$`));
      expect([name, name.length <= 63, /-[0-9a-f]{8}$/.test(name)]).toEqual([name, true, false]);
    }
  });

  it("makes everything of the edge cache, whose requests a minute are the settings'", async () => {
    const issuer = { issuer: "shop", audience: "tenner", algorithm: "HS256", secret: "JWT_SECRET_SHOP" };
    const settings = {
      templates: ["edge-cache"],
      limits: { requestsPerMinute: 77 },
      access: { jwt: { issuers: [issuer] } },
    };
    const shared = "a secret that the shop has, too, in this test";
    const outputs = await run("pr-7", {
      "tenner:accountId": ACCOUNT,
      "tenner:settings": JSON.stringify(settings),
      "tenner:jwtSecrets": JSON.stringify({ JWT_SECRET_SHOP: shared }),
    });
    expect(outputs).toMatchObject({ scriptName: "tenner-pr-7-edge-cache", apiKey: "secret of edge-cache-api-key" });
    expect(find("/workersKvNamespace:WorkersKvNamespace")).toMatchObject({ title: "tenner-pr-7-edge-cache-answers" });
    expect(find(":VectorizeIndex", "edge-cache-questions")).toMatchObject({
      indexName: "tenner-pr-7-edge-cache-questions-768-cosine",
      metadataIndexes: [{ propertyName: "frame", indexType: "string" }],
    });
    expect(revealed(find("/workersScript:WorkersScript", "edge-cache")?.["bindings"])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "ANSWERS", type: "kv_namespace", namespaceId: "id-of-edge-cache-answers" }),
        expect.objectContaining({ name: "FLIGHT", type: "durable_object_namespace", className: "Flight" }),
        expect.objectContaining({ name: "QUESTIONS", type: "vectorize" }),
        expect.objectContaining({ name: "SUBMISSIONS", type: "ratelimit", simple: { limit: 77, period: 60 } }),
        expect.objectContaining({ name: "JWT_SECRET_SHOP", type: "secret_text", text: shared }),
      ]),
    );
  });

  it("makes everything of the valuation app, whose submissions a minute are the settings'", async () => {
    const settings = { templates: ["valuation-app"], valuation: { submissionsPerMinute: 7 } };
    const outputs = await run("pr-7", { "tenner:accountId": ACCOUNT, "tenner:settings": JSON.stringify(settings) });
    expect(outputs).toMatchObject({
      scriptName: "tenner-pr-7-valuation-app",
      apiKey: "secret of valuation-app-api-key",
    });
    expect(find("/r2Bucket:R2Bucket")).toMatchObject({ name: "tenner-pr-7-valuation-app-pictures" });
    expect(revealed(find("/workersScript:WorkersScript", "valuation-app")?.["bindings"])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "ANSWERS", type: "kv_namespace", namespaceId: "id-of-valuation-app-answers" }),
        expect.objectContaining({ name: "PICTURES", type: "r2_bucket" }),
        expect.objectContaining({ name: "APPRAISER", type: "durable_object_namespace", className: "Appraiser" }),
        expect.objectContaining({ name: "SUBMISSIONS", type: "ratelimit", simple: { limit: 7, period: 60 } }),
        expect.objectContaining({ name: "OWNER_KEY", type: "secret_text", text: "secret of valuation-app-owner-key" }),
      ]),
    );
  });

  it("makes everything of the event agent with names of the stack's own", async () => {
    const { shared, ...outputs } = await run("pr-7", { "tenner:accountId": ACCOUNT });
    expect(outputs).toEqual({
      scriptName: "tenner-pr-7-event-agent",
      apiKey: "secret of event-agent-api-key",
      url: undefined,
      secret: true,
    });
    expect(shared).toEqual({
      aiGateway: { id: "tenner-pr-7-ai", route: expect.stringMatching(/^chat-/), capUsd: 10 },
      ledger: { databaseId: "id-of-ledger" },
    });
    expect(find("/d1Database:D1Database", "event-agent")).toMatchObject({
      name: "tenner-pr-7-event-agent",
      readReplication: { mode: "disabled" },
    });
    expect(find("/r2Bucket:R2Bucket", "event-agent-results")).toMatchObject({
      name: "tenner-pr-7-event-agent-results",
    });
    expect(find(":WorkersKvNamespace")).toMatchObject({ title: "tenner-pr-7-event-agent-lookup" });
    expect(find(":WorkersScriptSubdomain", "event-agent")).toMatchObject({ enabled: true, previewsEnabled: false });
    expect(find(":WorkersCronTrigger", "event-agent")).toMatchObject({ schedules: [{ cron: "*/5 * * * *" }] });
    expect(find(":DurableObjectMigrations", "event-agent")).toMatchObject({
      scriptName: "tenner-pr-7-event-agent",
      contentFile: "../templates/event-agent/dist/index.js",
      migrations: [{ tag: "v1", new_sqlite_classes: ["JobRunner"] }],
    });
    expect(find(":WorkersCustomDomain")).toBeUndefined();
  });

  it("gives the script every binding, and never its migrations", async () => {
    await run("pr-7", { "tenner:accountId": ACCOUNT, "tenner:settings": '{"limits":{"submissionsPerMinute":5}}' });
    const script = find(":WorkersScript", "event-agent");
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
        "AI_GATEWAY json",
        "API_KEY secret_text",
        "ASSETS assets",
        "DB d1",
        "JOBS durable_object_namespace",
        "LEDGER d1",
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

  it("caps the gateway at the budget, and gives its verified id, the route and the ledger to every Worker", async () => {
    await run("acme", {
      "tenner:accountId": ACCOUNT,
      "tenner:settings": JSON.stringify({
        budget: { monthlyUsd: 2.5 },
        limits: { modelTimeoutMs: 20_000 },
        models: { fallback: "openai/gpt-5-nano" },
        aiGateway: { cacheTtlSeconds: 0, requestsPerMinute: 50, collectLogs: false, secretsStoreId: ACCOUNT },
      }),
    });
    const rule = {
      id: "monthly-usd-2-5",
      enabled: true,
      limitType: "cost",
      limit: 2.5,
      window: 2_592_000,
      technique: "fixed",
    };
    const gateway = find("/aiGateway:AiGateway");
    expect(gateway).toMatchObject({
      aiGatewayId: "tenner-acme-ai",
      authentication: true,
      cacheTtl: 0,
      collectLogs: false,
      storeId: ACCOUNT,
      rateLimitingInterval: 60,
      rateLimitingLimit: 50,
      spendLimits: { enabled: true, rules: [rule] },
    });
    expect(gateway).not.toHaveProperty("retryMaxAttempts");
    expect(find(":SpendCap")).toMatchObject({ gatewayId: "tenner-acme-ai", rule });
    const route = find(":AiGatewayDynamicRouting");
    expect(route).toMatchObject({ gatewayId: "tenner-acme-ai", name: expect.stringMatching(/^chat-[0-9a-f]{8}$/) });
    const bindings = revealed(find(":WorkersScript", "event-agent")?.["bindings"]) as { name: string; json?: string }[]; // as the program gave them
    const { json = "" } = bindings.find(({ name }) => name === "AI_GATEWAY") ?? {};
    expect(JSON.parse(json)).toEqual({
      id: "tenner-acme-ai",
      route: route?.["name"],
      models: [
        { model: "@cf/meta/llama-3.1-8b-instruct-fast", attempts: 2, timeoutMs: 10_000 },
        { model: "openai/gpt-5-nano", attempts: 2, timeoutMs: 10_000 },
      ],
    });
    expect(bindings.find(({ name }) => name === "LEDGER")).toMatchObject({ databaseId: "id-of-ledger" });
    expect(find("/d1Database:D1Database", "ledger")).toMatchObject({ name: "tenner-acme-ledger" });
    expect(JSON.stringify(find(":D1Migrations", "ledger"))).toContain("CREATE TABLE");
  });

  it("uploads nothing of a Worker before the cap is verified", async () => {
    await run("acme", { "tenner:accountId": ACCOUNT });
    const order = made.map(({ type }) => type.split(":").at(-1));
    expect(order.indexOf("SpendCap")).toBeLessThan(order.indexOf("DurableObjectMigrations"));
    expect(order.indexOf("SpendCap")).toBeLessThan(order.indexOf("WorkersScript"));
  });

  it("serves a stack with a domain there, and not on workers.dev", async () => {
    const { url } = await run("acme", { "tenner:accountId": ACCOUNT, "tenner:settings": '{"domain":"acme.example"}' });
    await vi.waitFor(() => expect(find(":WorkersCustomDomain", "event-agent")).toBeDefined(), 15_000);
    expect(url).toBe("https://event-agent.acme.example");
    expect(find(":WorkersCustomDomain", "event-agent")).toMatchObject({
      hostname: "event-agent.acme.example",
      service: "tenner-acme-event-agent",
    });
    expect(find(":WorkersScriptSubdomain", "event-agent")).toMatchObject({ enabled: false });
  });

  it("knows the address on workers.dev when it is told the account's name there", async () => {
    const { url } = await run("acme", { "tenner:accountId": ACCOUNT, "tenner:workersSubdomain": "my-company" });
    expect(url).toBe("https://tenner-acme-event-agent.my-company.workers.dev");
  });

  describe("with the async-pipeline", () => {
    const settings = (parts: object) => ({ "tenner:accountId": ACCOUNT, "tenner:settings": JSON.stringify(parts) });
    const consumers = () =>
      made
        .filter(({ type }) => type.endsWith(":QueueConsumer"))
        .map(({ inputs }) => inputs)
        .sort((a, b) => (String(a["queueId"]) < String(b["queueId"]) ? -1 : 1));
    const bindingsOf = (template: string) =>
      revealed(find(":WorkersScript", template)?.["bindings"]) as Record<string, unknown>[]; // as the program gave them

    it("makes its queues, each with its dead letters, and a consumer of each with every setting", async () => {
      const { apiKey, scriptName, secret } = await run("pr-7", settings({ templates: ["async-pipeline"] }));
      expect({ apiKey, scriptName, secret }).toEqual({
        apiKey: "secret of async-pipeline-api-key",
        scriptName: "tenner-pr-7-async-pipeline",
        secret: true,
      });
      await vi.waitFor(() => expect(consumers()).toHaveLength(4), 15_000);
      const queues = made.filter(({ type }) => type.endsWith("/queue:Queue"));
      expect(new Set(queues.map(({ inputs }) => inputs["queueName"]))).toEqual(
        new Set([
          "tenner-pr-7-async-pipeline-chores",
          "tenner-pr-7-async-pipeline-chores-dead",
          "tenner-pr-7-async-pipeline-items",
          "tenner-pr-7-async-pipeline-items-dead",
        ]),
      );
      for (const { inputs } of queues) {
        expect(inputs["settings"]).toEqual({
          deliveryDelay: 0,
          deliveryPaused: false,
          messageRetentionPeriod: 86_400,
        });
      }
      const common = { accountId: ACCOUNT, type: "worker", scriptName: "tenner-pr-7-async-pipeline" };
      const dead = { batchSize: 10, maxWaitTimeMs: 1_000, maxRetries: 100, retryDelay: 60, maxConcurrency: 1 };
      expect(consumers()).toEqual([
        {
          ...common,
          queueId: "id-of-async-pipeline-chores",
          deadLetterQueue: "tenner-pr-7-async-pipeline-chores-dead",
          settings: { batchSize: 1, maxWaitTimeMs: 0, maxRetries: 5, retryDelay: 10, maxConcurrency: 5 },
        },
        { ...common, queueId: "id-of-async-pipeline-chores-dead", settings: dead },
        {
          ...common,
          queueId: "id-of-async-pipeline-items",
          deadLetterQueue: "tenner-pr-7-async-pipeline-items-dead",
          settings: { batchSize: 10, maxWaitTimeMs: 1_000, maxRetries: 5, retryDelay: 5, maxConcurrency: 10 },
        },
        { ...common, queueId: "id-of-async-pipeline-items-dead", settings: dead },
      ]);
    });

    it.each(["Acme_Corp", "a".repeat(60)])(
      "leaves the ends of its queues' names as they are: stack %s",
      async (stack) => {
        await run(stack, settings({ templates: ["async-pipeline"] }));
        await vi.waitFor(() => expect(consumers()).toHaveLength(4), 15_000);
        const names = made.filter(({ type }) => type.endsWith("/queue:Queue")).map(({ inputs }) => inputs["queueName"]);
        const prefix = /^[a-z0-9-]{1,51}(?=-items$)/.exec(
          String(names.find((name) => String(name).endsWith("-items"))),
        )?.[0];
        expect(prefix).toMatch(/^tenner-a.*-[0-9a-f]{8}$/);
        expect(new Set(names)).toEqual(
          new Set(["items", "items-dead", "chores", "chores-dead"].map((part) => `${prefix}-${part}`)),
        );
      },
    );

    it("lets a stack set how many batches of items run at once", async () => {
      await run("pr-7", settings({ templates: ["async-pipeline"], pipeline: { queueConcurrency: 33 } }));
      await vi.waitFor(() => expect(consumers()).toHaveLength(4), 15_000);
      const concurrency = consumers().map(
        (consumer) => (consumer["settings"] as Record<string, number>)["maxConcurrency"],
      );
      expect(concurrency).toEqual([5, 1, 33, 1]);
    });

    it("binds the queues, and no event-agent where the stack has none", async () => {
      await run("pr-7", settings({ templates: ["async-pipeline"] }));
      const bindings = bindingsOf("async-pipeline");
      expect(bindings).toContainEqual({ name: "ITEMS", type: "queue", queueName: "tenner-pr-7-async-pipeline-items" });
      expect(bindings).toContainEqual({
        name: "CHORES",
        type: "queue",
        queueName: "tenner-pr-7-async-pipeline-chores",
      });
      expect(bindings.filter(({ name }) => String(name).startsWith("EVENT_AGENT"))).toEqual([]);
    });

    it("binds the stack's event-agent and the secret of its hooks, whatever the order in the settings", async () => {
      await run("pr-7", settings({ templates: ["async-pipeline", "event-agent"] }));
      const bindings = bindingsOf("async-pipeline");
      expect(bindings).toContainEqual({
        name: "EVENT_AGENT",
        type: "service",
        service: "tenner-pr-7-event-agent",
        environment: "production",
      });
      expect(bindings).toContainEqual({
        name: "EVENT_AGENT_HOOK_SECRET",
        type: "secret_text",
        text: "secret of event-agent-webhook-secret",
      });
    });
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
      "what the policy refuses",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"allowedOrigins":["https://*.example"]}' },
      "no-wildcard-origin: tenner:settings.allowedOrigins[0] allows https://*.example",
    ],
    [
      "a wrong setting",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"budget":{"monthlyUsd":0}}' },
      "tenner:settings.budget.monthlyUsd: ",
    ],
    [
      "a model without a price",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"models":{"fallback":"openai/gpt-none"}}' },
      "tenner:settings.models.fallback: ",
    ],
    [
      "a template twice",
      { "tenner:accountId": ACCOUNT, "tenner:settings": '{"templates":["event-agent","event-agent"]}' },
      "tenner:settings.templates[1]: event-agent is there twice",
    ],
    [
      "a model of no provider",
      {
        "tenner:accountId": ACCOUNT,
        "tenner:settings": '{"models":{"primary":"mine","prices":{"mine":{"input":1,"output":1}}}}',
      },
      "tenner:settings.models.primary: ",
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
