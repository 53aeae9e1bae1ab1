import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Properties } from "../adapter.ts";
import { compareInputs } from "./compare-inputs.ts";
import { adapters } from "./index.ts";
import { lines, recordedResource } from "./recorded-api.ts";

interface DiffAnswer {
  readonly change: string;
  readonly resource: string;
  readonly replaces: readonly string[];
  readonly diffs: readonly string[];
}

const ANSWERS = lines("diff-answers") as DiffAnswer[]; // written by the recorder

/** What each recorded change does to the resource's inputs. */
const CHANGES: Record<string, Properties> = {
  "gateway limit": { spendLimits: { enabled: true, rules: [] } },
  "jobs retention": { settings: { deliveryDelay: 0, deliveryPaused: false, messageRetentionPeriod: 86_400 } },
  "jobs-consumer batchSize": { settings: { batchSize: 5 } },
  "main-cron cron": { schedules: [{ cron: "0 * * * *" }] },
  "route fallbackModel": { elements: [] },
  "cache kvTitle": { title: "renamed" },
  "db D1 name": { name: "other" },
  "results R2 name": { name: "other" },
  "jobs Queue name": { queueName: "other" },
  "main script name": { scriptName: "other" },
  "main-domain script name": { service: "other" },
  "main-subdomain script name": { scriptName: "other" },
  "main-cron script name": { scriptName: "other" },
  "jobs-consumer script name": { scriptName: "other" },
  "gateway gateway id": { aiGatewayId: "other" },
  "route gateway id": { gatewayId: "other" },
  "route route name": { name: "other" },
  "main-domain domain hostname": { hostname: "other.example.com" },
  "main-domain domain service": { service: "other" },
  "main-domain domain zoneId": { zoneId: "other" },
  "results R2 storageClass": { storageClass: "InfrequentAccess" },
  "db D1 readReplication auto": { readReplication: { mode: "auto" } },
  "db D1 readReplication left out": { readReplication: undefined },
  "jobs-consumer consumer DLQ left out": { deadLetterQueue: undefined },
  "main-subdomain subdomain disabled": { enabled: false },
  "multi observability left out": { observability: undefined },
  "main migration tag v2": { migrations: { newTag: "v2" } },
  "main migrations left out": { migrations: undefined },
  "gateway spendLimits left out": { spendLimits: undefined },
  "gateway gateway zdr left out": { zdr: undefined },
};

/** Answers of a route's PATCH, and a member of one binding (a Durable Object's namespace): ours keeps neither. */
const NOT_OURS = ["route", "success", "bindings"];

let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "tenner-diff-"));
  await mkdir(join(project, "site"));
  await writeFile(join(project, "site", "app.js"), 'console.log("lab")\n');
  await writeFile(
    join(project, "site", "index.html"),
    '<!doctype html><title>lab</title><script src="/app.js"></script>\n',
  );
});

afterAll(() => rm(project, { recursive: true }));

describe("answers the Diff as the real provider", () => {
  it.each([...new Set(ANSWERS.map(({ resource }) => resource))])("%s: nothing changed", async (name) => {
    const { inputs } = recordedResource(name);
    expect(await diff(name, structuredClone(inputs))).toEqual({ changed: [], replace: [] });
  });

  it.each(Object.entries(CHANGES))("%s", async (key, change) => {
    const answer = ANSWERS.find((one) => `${one.resource} ${one.change}` === key);
    const { inputs, type } = recordedResource(answer?.resource ?? key);
    const { changed, replace } = await diff(answer?.resource ?? key, definedOnly({ ...inputs, ...change }));
    expect(changed).toEqual(Object.keys(change));
    expect(replace).toEqual(answer?.replaces);
    const recomputed = adapters[type]?.changesOnUpdate ?? [];
    const expected = answer?.diffs.filter((name) => !NOT_OURS.includes(name));
    expect([...new Set([...changed, ...recomputed])].filter((name) => !NOT_OURS.includes(name)).sort()).toEqual(
      expected,
    );
  });

  it.each([
    "gateway",
    "multi",
    "cache",
    "results",
    "db",
    "dlq",
    "route",
    "main",
    "main-subdomain",
    "jobs-consumer",
    "main-cron",
    "main-domain",
  ])("%s: another account replaces", async (name) => {
    const { inputs } = recordedResource(name);
    expect((await diff(name, { ...inputs, accountId: "other" })).replace).toEqual(["accountId"]);
  });

  it.each([
    ["jobs", "settings"],
    ["jobs-consumer", "settings"],
    ["main-domain", "zoneId"],
  ])("%s: %s left out is no change", async (name, property) => {
    const { inputs } = recordedResource(name);
    expect(await diff(name, definedOnly({ ...inputs, [property]: undefined }))).toEqual({ changed: [], replace: [] });
  });

  it("main: the order of the bindings says nothing", async () => {
    const { inputs } = recordedResource("main");
    const bindings = [...(inputs["bindings"] as unknown[])].reverse();
    expect((await diff("main", { ...inputs, bindings })).changed).toEqual([]);
  });

  it("main: one more asset file is a change of `assets`", async () => {
    const { inputs } = recordedResource("main");
    await writeFile(join(project, "site", "new.txt"), "new");
    expect(await diff("main", inputs)).toEqual({ changed: ["assets"], replace: [] });
    await rm(join(project, "site", "new.txt"));
  });

  it("v1: an edited module makes another version, in place of which none can be", async () => {
    const { inputs } = recordedResource("v1");
    const edited = JSON.parse(JSON.stringify(inputs).replace("ZXhwb3J0IGNvbnN0", "ZXhwb3J0IGxldCA9")) as Properties;
    expect(await diff("v1", edited)).toEqual({ changed: ["modules"], replace: ["modules"] });
  });

  it("v1: a state of another writer, without hashes, compares by content", async () => {
    const { inputs, outputs, type } = recordedResource("v1");
    const olds = { inputs, outputs: { ...outputs, modules: inputs["modules"] } };
    expect(await adapters[type]?.diff?.(olds, inputs, { projectDirectory: project })).toEqual({
      changed: [],
      replace: [],
    });
  });
});

describe("a script's check", () => {
  const check = (inputs: Properties) =>
    adapters["cloudflare:index/workersScript:WorkersScript"]?.check?.(inputs, { projectDirectory: project });

  it.each<[string, Properties, string[]]>([
    ["no main module", { content: "" }, ["mainModule"]],
    ["no content", { mainModule: "a.js" }, ["content"]],
    ["a missing file", { mainModule: "a.js", contentFile: "none.js" }, ["contentFile"]],
    [
      "a hash of another content",
      { mainModule: "a.js", contentFile: "site/app.js", contentSha256: "0" },
      ["contentSha256"],
    ],
    ["a missing folder", { mainModule: "a.js", content: "", assets: { directory: "none" } }, ["assets.directory"]],
    ["all well", { mainModule: "a.js", content: "", assets: { directory: "site" } }, []],
  ])("finds %s", async (_, inputs, properties) => {
    expect((await check(inputs))?.map(({ property }) => property)).toEqual(properties);
  });
});

async function diff(name: string, news: Properties) {
  const { type, inputs, outputs } = recordedResource(name);
  const adapter = adapters[type];
  if (!adapter) throw new Error(`no adapter for ${type}`);
  return (
    adapter.diff?.({ inputs, outputs }, news, { projectDirectory: project }) ?? compareInputs(inputs, news, adapter)
  );
}

function definedOnly(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
