import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Properties, ResourceAdapter } from "../adapter.ts";
import { adapters } from "./index.ts";
import { items, members, merge } from "./properties.ts";
import { type Exchange, recordedApi, recordedResource, recording } from "./recorded-api.ts";

const ACCOUNT = "/accounts/0123456789abcdef0123456789abcdef";
const MAIN_JS = String(items(recording("1-up").find(({ path }) => path.endsWith("/scripts/lab-main"))?.body)[0]?.body);

/** A queue learns of its consumers, a Worker of its deployment; an empty placement goes. */
const VOLATILE = ["consumers", "consumersTotalCount", "producers", "producersTotalCount", "deployedOn", "placement"];

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "tenner-adapters-"));
  await mkdir(join(project, "site"));
  await mkdir(join(project, "workers"));
  await writeFile(join(project, "site", "app.js"), 'console.log("lab")\n');
  await writeFile(
    join(project, "site", "index.html"),
    '<!doctype html><title>lab</title><script src="/app.js"></script>\n',
  );
  await writeFile(join(project, "workers", "main.js"), MAIN_JS);
});

afterAll(() => rm(project, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

describe("create", () => {
  it.each([
    ["cache", "1-up", 1],
    ["sessions", "1-up", 1],
    ["results", "1-up", 1],
    ["gateway", "1-up", 1],
    ["db", "1-up", 1],
    ["multi", "1-up", 1],
    ["dlq", "1-up", 1],
    ["jobs", "1-up", 1],
    ["route", "1-up", 1],
    ["main", "1-up", 3],
    ["jobs-consumer", "1-up", 1],
    ["main-subdomain", "1-up", 1],
    ["main-cron", "1-up", 1],
    ["main-domain", "1-up", 1],
    ["worker", "8-rollout-1-create", 1],
    ["v1", "8-rollout-1-create", 1],
    ["v2", "8-rollout-1-create", 1],
    ["deployment", "8-rollout-1-create", 1],
  ])("%s: sends what the real provider sent, keeps what it kept", async (name, file, calls) => {
    const recorded = recordedResource(name);
    const exchanges = exchangesOf(name, recording(file), "create");
    const { context, requests } = stubbed(exchanges);
    const { id, outputs } = await adapterOf(recorded.type).create(context, recorded.inputs);

    expect(requests).toHaveLength(calls);
    expect(requests).toEqual(exchanges);
    expect(kept(recorded.inputs, id, outputs)).toEqual(expectedOutputs(name));
    expect(id).toBe(naturalId(name));
  });
});

describe("read", () => {
  it.each([
    ["cache", "3-refresh"],
    ["sessions", "3-refresh"],
    ["results", "3-refresh"],
    ["gateway", "3-refresh"],
    ["db", "3-refresh"],
    ["dlq", "3-refresh"],
    ["jobs", "3-refresh"],
    ["route", "3-refresh"],
    ["multi", "3-refresh"],
    ["main", "3-refresh"],
    ["jobs-consumer", "3-refresh"],
    ["main-subdomain", "3-refresh"],
    ["main-cron", "3-refresh"],
    ["main-domain", "3-refresh"],
    ["worker", "8-rollout-2-refresh"],
    ["v1", "8-rollout-2-refresh"],
    ["deployment", "8-rollout-2-refresh"],
  ])("%s: a refresh of an untouched resource changes no input", async (name, file) => {
    const recorded = recordedResource(name);
    const exchanges = exchangesOf(name, recording(file), "read");
    const { context, requests } = stubbed(exchanges);
    const found = await adapterOf(recorded.type).read(context, recorded.id, recorded.outputs, recorded.inputs);

    expect(requests).toEqual(exchanges);
    expect(found?.inputs).toEqual(recorded.inputs);
    expect(without(found?.outputs ?? {}, VOLATILE)).toEqual(without(recorded.outputs, VOLATILE));
  });

  it.each(Object.entries(adapters))("%s: 404 means gone", async (type, adapter) => {
    const { context } = stubbed([]);
    const any = { accountId: "a", scriptName: "s", queueId: "q", gatewayId: "g", workerId: "w", name: "n" };
    expect(type).toBeTruthy();
    expect(await adapter.read(context, "a", any, any)).toBeUndefined();
  });

  it.each([
    ["cache", { title: "renamed" }, { title: "renamed" }],
    ["db", { read_replication: { mode: "auto" } }, { readReplication: { mode: "auto" } }],
    [
      "jobs",
      { settings: { message_retention_period: 60 } },
      { settings: { deliveryDelay: 0, deliveryPaused: false, messageRetentionPeriod: 60 } },
    ],
    [
      "main-cron",
      { schedules: [{ cron: "0 0 * * *" }, { cron: "1 0 * * *" }] },
      { schedules: [{ cron: "0 0 * * *" }, { cron: "1 0 * * *" }] },
    ],
    ["main-subdomain", { enabled: false }, { enabled: false }],
    ["jobs-consumer", { dead_letter_queue: null }, { deadLetterQueue: undefined }],
  ])("%s: what was changed behind the program's back shows in the inputs", async (name, change, expected) => {
    const recorded = recordedResource(name);
    const exchanges = exchangesOf(name, recording("3-refresh"), "read").map((exchange) => ({
      ...exchange,
      response: merge(exchange.response, { result: change }),
    }));
    const { context } = stubbed(exchanges);
    const found = await adapterOf(recorded.type).read(context, recorded.id, recorded.outputs, recorded.inputs);
    expect({ ...found?.inputs }).toEqual(definedOnly({ ...recorded.inputs, ...expected }));
  });

  it("sees another content and another binding of a script", async () => {
    const recorded = recordedResource("main");
    const exchanges = exchangesOf("main", recording("3-refresh"), "read").map((exchange) => {
      if (exchange.path.endsWith("/content/v2")) {
        return {
          ...exchange,
          response: [{ name: "main.js", filename: "main.js", content_type: "text/javascript", body: "other" }],
        };
      }
      if (!exchange.path.endsWith("/settings")) return exchange;
      const answer = JSON.stringify(exchange.response).replace('"lab-results"', '"other-bucket"');
      return { ...exchange, response: JSON.parse(answer) as unknown };
    });
    const { context } = stubbed(exchanges);
    const adapter = adapterOf(recorded.type);
    const found = await adapter.read(context, recorded.id, recorded.outputs, recorded.inputs);
    const olds = { inputs: found?.inputs ?? {}, outputs: found?.outputs ?? {} };
    const diff = await adapter.diff?.(olds, recorded.inputs, { projectDirectory: project });
    expect(diff?.changed).toEqual(["bindings", "contentSha256"]);
  });
});

describe("update", () => {
  it.each<[string, string, Properties]>([
    [
      "gateway",
      "4-update",
      {
        spendLimits: {
          enabled: true,
          rules: [
            {
              enabled: true,
              id: "monthly-usd-20",
              limit: 20,
              limitType: "cost",
              technique: "fixed",
              window: 2_592_000,
            },
          ],
        },
      },
    ],
    ["jobs", "4-update", { settings: { deliveryDelay: 0, deliveryPaused: false, messageRetentionPeriod: 86_400 } }],
    [
      "jobs-consumer",
      "4-update",
      { settings: { batchSize: 5, maxConcurrency: 5, maxRetries: 3, maxWaitTimeMs: 5000, retryDelay: 30 } },
    ],
    ["main-cron", "4-update", { schedules: [{ cron: "0 * * * *" }] }],
    ["results", "4b-in-place", { storageClass: "InfrequentAccess" }],
    ["cache", "4b-in-place", { title: "lab-cache-renamed" }],
    ["db", "4b-in-place", { readReplication: { mode: "auto" } }],
    ["dlq", "4b-in-place", { queueName: "lab-dlq2" }],
    ["route", "4b-in-place", { name: "chat2" }],
    [
      "jobs-consumer",
      "4b-in-place",
      {
        deadLetterQueue: undefined,
        settings: { batchSize: 5, maxConcurrency: 5, maxRetries: 3, maxWaitTimeMs: 5000, retryDelay: 30 },
      },
    ],
    ["main-subdomain", "4b-in-place", { enabled: false }],
  ])("%s (%s): sends what the real provider sent", async (name, file, change) => {
    const recorded = recordedResource(name);
    const exchanges = exchangesOf(name, recording(file), "update");
    const { context, requests } = stubbed(exchanges);
    const inputs = definedOnly({ ...recorded.inputs, ...change });
    const { outputs } = await adapterOf(recorded.type).update(context, recorded.id, recorded.outputs, inputs);

    expect(requests).toHaveLength(1);
    expect(requests).toEqual(exchanges);
    const before = { ...recorded.outputs, modifiedAt: undefined, modifiedOn: undefined };
    const expected = definedOnly({ ...before, ...change, id: naturalId(name) });
    const now = kept(inputs, naturalId(name), outputs);
    expect(without(now, [...VOLATILE, "modifiedAt", "modifiedOn", "version", "deployment"])).toEqual(
      without(expected, VOLATILE.concat("version", "deployment")),
    );
  });

  it("main: the whole upload again, its migrations too; unchanged assets are not sent", async () => {
    const recorded = recordedResource("main");
    const exchanges = exchangesOf("main", recording("4-update"), "update");
    const { context, requests } = stubbed(exchanges);
    await writeFile(join(project, "workers", "main-v2.js"), MAIN_JS.replace("hello v1", "hello v2"));
    const bindings = JSON.parse(
      JSON.stringify(recorded.inputs["bindings"]).replace('"plain text"', '"changed text"'),
    ) as unknown;
    const { outputs } = await adapterOf(recorded.type).update(context, recorded.id, recorded.outputs, {
      ...recorded.inputs,
      bindings,
      contentFile: "workers/main-v2.js",
    });
    expect(requests).toEqual(exchanges);
    expect(outputs).toMatchObject({ createdOn: recorded.outputs["createdOn"], modifiedOn: "2026-11-21T08:24:25Z" });
  });

  it("route: takes the fields from inside `result` too, where the API puts them there", async () => {
    const recorded = recordedResource("route");
    const [exchange] = exchangesOf("route", recording("4b-in-place"), "update");
    const { context } = stubbed([
      { ...(exchange as Exchange), response: { success: true, result: exchange?.response } },
    ]);
    const { outputs } = await adapterOf(recorded.type).update(context, recorded.id, recorded.outputs, {
      ...recorded.inputs,
      name: "chat2",
    });
    expect(outputs).toMatchObject({ id: recorded.id, name: "chat2" });
  });
});

describe("delete", () => {
  it.each([
    ["main-subdomain", "7-destroy"],
    ["main-domain", "7-destroy"],
    ["jobs-consumer", "7-destroy"],
    ["route", "5-replace"],
    ["main", "7-destroy"],
    ["results", "7-destroy"],
    ["jobs", "7-destroy"],
    ["db", "7-destroy"],
    ["cache", "7-destroy"],
    ["gateway", "7-destroy"],
    ["worker", "8-rollout-6-destroy"],
  ])("%s: sends what the real provider sent", async (name, file) => {
    const recorded = recordedResource(name);
    const exchanges = exchangesOf(name, recording(file), "delete");
    const { context, requests } = stubbed(exchanges);
    await adapterOf(recorded.type).delete(context, recorded.id, recorded.outputs);
    expect(requests).toHaveLength(1);
    expect(requests).toEqual(exchanges);
  });

  it.each(["main-cron", "v1", "deployment"])("%s: makes no call, as the real provider", async (name) => {
    const recorded = recordedResource(name);
    const { context, requests } = stubbed([]);
    await adapterOf(recorded.type).delete(context, recorded.id, recorded.outputs);
    expect(requests).toEqual([]);
  });

  it.each(["cache", "db", "results", "main", "jobs-consumer", "main-subdomain"])(
    "%s: what is gone already is done",
    async (name) => {
      const recorded = recordedResource(name);
      const { context, requests } = stubbed([]);
      await adapterOf(recorded.type).delete(context, recorded.id, recorded.outputs);
      expect(requests).toHaveLength(1);
    },
  );
});

describe("find", () => {
  it.each<[string, string, unknown]>([
    ["cache", "/storage/kv/namespaces", [{ id: "x", title: "other" }, responseOf("cache")]],
    ["db", "/d1/database", [{ uuid: naturalId("db"), name: "lab-db" }]],
    ["jobs", "/queues", [responseOf("jobs")]],
    ["jobs-consumer", `/queues/${naturalId("jobs")}/consumers`, [responseOf("jobs-consumer")]],
    ["main-domain", "/workers/domains", [responseOf("main-domain")]],
  ])("%s: by its natural name in the list", async (name, path, list) => {
    const recorded = recordedResource(name);
    const { context } = stubbed([
      { method: "GET", path: ACCOUNT + path, status: 200, response: { success: true, result: list } },
      ...exchangesOf(name, recording("3-refresh"), "read"),
    ]);
    const adapter = adapterOf(recorded.type);
    expect((await adapter.find?.(context, recorded.inputs))?.id).toBe(naturalId(name));
    const renamed = {
      ...recorded.inputs,
      title: "none",
      name: "none",
      queueName: "none",
      scriptName: "none",
      hostname: "none",
    };
    expect(await adapter.find?.(context, renamed)).toBeUndefined();
  });

  it("route: in the list that stands under `data`", async () => {
    const recorded = recordedResource("route");
    const { context } = stubbed([
      {
        method: "GET",
        path: `${ACCOUNT}/ai-gateway/gateways/lab-gateway/routes`,
        status: 200,
        response: { success: true, data: { routes: [responseOf("route")] } },
      },
      ...exchangesOf("route", recording("3-refresh"), "read"),
    ]);
    const found = await adapterOf(recorded.type).find?.(context, recorded.inputs);
    expect(kept(recorded.inputs, found?.id ?? "", found?.outputs ?? {})).toEqual(expectedOutputs("route"));
  });

  it.each(["results", "gateway", "main"])("%s: by its name in the path", async (name) => {
    const recorded = recordedResource(name);
    const { context } = stubbed(exchangesOf(name, recording("3-refresh"), "read"));
    const adapter = adapterOf(recorded.type);
    expect((await adapter.find?.(context, recorded.inputs))?.id).toBe(naturalId(name));
    const other = { ...recorded.inputs, name: "none", aiGatewayId: "none", scriptName: "none" };
    expect(await adapter.find?.(context, other)).toBeUndefined();
  });
});

describe("import", () => {
  it.each([
    ["cache", ["title"]],
    ["db", ["name", "readReplication"]],
    ["results", ["name", "location", "storageClass"]],
    ["jobs", ["queueName", "settings"]],
    ["gateway", ["aiGatewayId", "spendLimits", "zdr"]],
    ["main-subdomain", ["enabled", "previewsEnabled"]],
  ])("%s: the inputs come from the API", async (name, properties) => {
    const recorded = recordedResource(name);
    const { context } = stubbed(exchangesOf(name, recording("3-refresh"), "read"));
    const adapter = adapterOf(recorded.type);
    const account = "0123456789abcdef0123456789abcdef";
    const id = name === "results" ? `${account}/lab-results/default` : `${account}/${naturalId(name)}`;
    const found = await adapter.read(context, id, {}, adapter.importInputs?.(id) ?? {});
    expect(found?.id).toBe(naturalId(name));
    for (const property of properties) expect(found?.inputs[property], property).toEqual(recorded.outputs[property]);
  });

  it("names the parts an id should have", () => {
    expect(() => adapterOf(recordedResource("route").type).importInputs?.("a/b")).toThrow(
      "<accountId>/<gatewayId>/<id>",
    );
  });
});

function stubbed(exchanges: readonly Exchange[]) {
  const api = recordedApi(exchanges, project);
  vi.stubGlobal("fetch", api.fetch);
  return api;
}

function adapterOf(type: string): ResourceAdapter {
  const adapter = adapters[type];
  if (!adapter) throw new Error(`no adapter for ${type}`);
  return adapter;
}

/** The exchanges of one resource in a recording. */
function exchangesOf(
  name: string,
  all: readonly Exchange[],
  operation: "create" | "read" | "update" | "delete",
): Exchange[] {
  const { inputs, outputs } = recordedResource(name);
  const below = (path: string, method: string) =>
    all.filter((one) => one.path === ACCOUNT + path && one.method === method);
  const collections: Record<string, string> = {
    cache: "/storage/kv/namespaces",
    sessions: "/storage/kv/namespaces",
    results: "/r2/buckets",
    gateway: "/ai-gateway/gateways",
    db: "/d1/database",
    dlq: "/queues",
    jobs: "/queues",
    route: "/ai-gateway/gateways/lab-gateway/routes",
    "jobs-consumer": `/queues/${naturalId("jobs")}/consumers`,
    "main-domain": "/workers/domains",
    worker: "/workers/workers",
    v1: `/workers/workers/${naturalId("worker")}/versions`,
    v2: `/workers/workers/${naturalId("worker")}/versions`,
    deployment: "/workers/scripts/lab-rollout/deployments",
  };
  const collection = collections[name];
  if (collection !== undefined) {
    if (operation === "create") {
      const method = name === "main-domain" ? "PUT" : "POST";
      return below(collection, method).filter(({ body, response }) => {
        if (name.startsWith("v")) return JSON.stringify(body).includes(`"text":"${name}"`);
        const answer = (response as { result: Properties }).result;
        return Object.values(answer).includes(naturalId(name));
      });
    }
    // A route deleted by the replacement has the recorded id.
    const item = `${collection}/${naturalId(name)}`;
    const methods = { read: ["GET"], update: ["PUT", "PATCH"], delete: ["DELETE"] }[operation];
    return methods.flatMap((method) => below(item, method));
  }
  const script = `/workers/scripts/${String(inputs["scriptName"])}`;
  if (name === "main-subdomain") {
    return below(`${script}/subdomain`, { create: "POST", update: "POST", read: "GET", delete: "DELETE" }[operation]);
  }
  if (name === "main-cron") return below(`${script}/schedules`, operation === "read" ? "GET" : "PUT");
  if (operation === "delete") return below(script, "DELETE");
  if (operation === "read") {
    return [`/workers/services/${String(outputs["id"])}`, `${script}/settings`, `${script}/content/v2`].flatMap(
      (path) => below(path, "GET"),
    );
  }
  const uploads = operation === "create" ? below("/workers/assets/upload", "POST").map(relativeNames) : [];
  const session = below(`${script}/assets-upload-session`, "POST");
  return [...session, ...(session.length > 0 ? uploads : []), ...below(script, "PUT")];
}

/** The real provider names files by their full path; ours does not tell where the project lies. */
function relativeNames(exchange: Exchange): Exchange {
  const body = (exchange.body as { filename: string }[]).map((part) => ({
    ...part,
    filename: part.filename.replace("<dir>/", ""),
  }));
  return { ...exchange, body };
}

function responseOf(name: string): unknown {
  const [exchange] = exchangesOf(name, recording("1-up"), "create");
  return resultOf(exchange);
}

function resultOf(exchange: Exchange | undefined): unknown {
  return members(exchange?.response).result;
}

/** Where the real provider keeps a strange id (`missing ID`, the account's), ours keeps the natural one. */
function naturalId(name: string): string {
  const { id, outputs } = recordedResource(name);
  if (name === "jobs-consumer") return String(outputs["consumerId"]);
  return name === "main-subdomain" ? String(outputs["scriptName"]) : id;
}

/** What the engine puts into the state: the inputs laid over the outputs, `id` and `__meta` where they are missing. */
function kept(inputs: Properties, id: string, outputs: Properties): Properties {
  const merged = merge(outputs, inputs) as Properties;
  return {
    id,
    __meta: '{"schema_version":"500"}',
    ...merged,
    ...(outputs["modules"] !== undefined && { modules: outputs["modules"] }),
  };
}

/** The recorded outputs, but for what the engine's recipe is known to leave out and the provider not to need. */
function expectedOutputs(name: string): Properties {
  const { inputs, outputs } = recordedResource(name);
  return { id: naturalId(name), ...outputs, ...(name === "main-cron" && { schedules: inputs["schedules"] }) };
}

function without(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

function definedOnly(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
