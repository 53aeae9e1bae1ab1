import { describe, expect, it } from "vitest";
import { type BindingSource, type DeclaredBinding, declaredBindings, matchBindings } from "./match-bindings.ts";
import { parseWranglerConfiguration } from "./wrangler-configuration.ts";

const BASE = { name: "w", main: "src/index.ts", compatibility_date: "2026-11-01" };

function configuration(parts: object) {
  return parseWranglerConfiguration(JSON.stringify({ ...BASE, ...parts }), "templates/w");
}

describe("declaredBindings", () => {
  it.each<[string, object, object[]]>([
    ["ai", { ai: { binding: "AI" } }, [{ name: "AI", type: "ai", says: {} }]],
    ["version", { version_metadata: { binding: "V" } }, [{ name: "V", type: "version_metadata", says: {} }]],
    [
      "assets with a binding",
      { assets: { directory: "p", binding: "ASSETS" } },
      [{ name: "ASSETS", type: "assets", says: {} }],
    ],
    ["assets without one", { assets: { directory: "p" } }, []],
    ["d1", { d1_databases: [{ binding: "DB", database_name: "x" }] }, [{ name: "DB", type: "d1", says: {} }]],
    ["r2", { r2_buckets: [{ binding: "B", bucket_name: "x" }] }, [{ name: "B", type: "r2_bucket", says: {} }]],
    ["kv", { kv_namespaces: [{ binding: "K" }] }, [{ name: "K", type: "kv_namespace", says: {} }]],
    ["vectorize", { vectorize: [{ binding: "V", index_name: "x" }] }, [{ name: "V", type: "vectorize", says: {} }]],
    ["service", { services: [{ binding: "S", service: "x" }] }, [{ name: "S", type: "service", says: {} }]],
    [
      "queue producer",
      { queues: { producers: [{ binding: "Q", queue: "x" }] } },
      [{ name: "Q", type: "queue", says: {} }],
    ],
    [
      "analytics",
      { analytics_engine_datasets: [{ binding: "M", dataset: "x" }] },
      [{ name: "M", type: "analytics_engine", says: {} }],
    ],
    [
      "durable object",
      { durable_objects: { bindings: [{ name: "JOBS", class_name: "Job" }] } },
      [{ name: "JOBS", type: "durable_object_namespace", says: { className: "Job" } }],
    ],
    [
      "rate limit",
      { ratelimits: [{ name: "R", namespace_id: "1", simple: { limit: 5, period: 60 } }] },
      [{ name: "R", type: "ratelimit", says: { simple: { limit: 5, period: 60 } } }],
    ],
    ["secret", { secrets: { required: ["KEY"] } }, [{ name: "KEY", type: "secret_text", says: {} }]],
    [
      "variables",
      { vars: { TEXT: "t", JSON: { a: 1 } } },
      [
        { name: "TEXT", type: "plain_text", says: { text: "t" } },
        { name: "JSON", type: "json", says: { json: '{"a":1}' } },
      ],
    ],
  ])("%s", (_, parts, expected) => {
    expect(declaredBindings(configuration(parts))).toEqual(expected);
  });
});

describe("matchBindings", () => {
  const kv = { name: "K", type: "kv_namespace", says: {} };
  it.each<[string, DeclaredBinding[], Record<string, BindingSource>, string[]]>([
    ["all well", [kv], { K: { type: "kv_namespace", namespaceId: "1" } }, []],
    ["missing", [kv], {}, ["binding K: wrangler.jsonc says kv_namespace, the program gives nothing"]],
    ["left over", [], { K: { type: "d1" } }, ["binding K: the program gives d1, wrangler.jsonc does not declare it"]],
    ["wrong kind", [kv], { K: { type: "d1" } }, ["binding K: wrangler.jsonc says kv_namespace, the program gives d1"]],
    ["needs no resource", [{ name: "AI", type: "ai", says: {} }], {}, []],
    ["declared twice", [kv, kv], { K: { type: "kv_namespace" } }, ["binding K: wrangler.jsonc declares it twice"]],
    [
      "an inherited name is no resource",
      [{ name: "constructor", type: "d1", says: {} }],
      {},
      ["binding constructor: wrangler.jsonc says d1, the program gives nothing"],
    ],
    [
      "several at once",
      [kv, { name: "DB", type: "d1", says: {} }],
      { DB: { type: "queue" }, X: { type: "d1" } },
      [
        "binding K: wrangler.jsonc says kv_namespace, the program gives nothing",
        "binding DB: wrangler.jsonc says d1, the program gives queue",
        "binding X: the program gives d1, wrangler.jsonc does not declare it",
      ],
    ],
  ])("%s", (_, declared, given, problems) => {
    expect(matchBindings(declared, given).problems).toEqual(problems);
  });

  it.each<[string, DeclaredBinding[], object[]]>([
    ["declares it", [{ name: "A", type: "service", says: {} }], [{ name: "A", type: "service", service: "agent" }]],
    ["does not", [], [{ name: "A", type: "service", service: "agent" }]],
  ])("takes an optional binding where wrangler.jsonc %s", (_, declared, expected) => {
    const result = matchBindings(declared, {}, { A: { type: "service", service: "agent" } });
    expect(result).toEqual({ bindings: expected, problems: [] });
  });

  it("names an optional binding of another kind", () => {
    const { problems } = matchBindings([kv], {}, { K: { type: "service" } });
    expect(problems).toEqual(["binding K: wrangler.jsonc says kv_namespace, the program gives service"]);
  });

  it("lays what is given over what wrangler.jsonc says, ordered by name", () => {
    const declared = [
      { name: "Z", type: "json", says: { json: "{}" } },
      { name: "A", type: "json", says: { json: "{}" } },
    ];
    expect(matchBindings(declared, { Z: { type: "json", json: "[1]" } }).bindings).toEqual([
      { name: "A", type: "json", json: "{}" },
      { name: "Z", type: "json", json: "[1]" },
    ]);
  });
});

describe("parseWranglerConfiguration", () => {
  it.each<[string, string, string]>([
    [
      "an unknown section",
      JSON.stringify({ ...BASE, hyperdrive: [] }),
      "templates/w/wrangler.jsonc: hyperdrive is not supported by infra",
    ],
    ["an environment", JSON.stringify({ ...BASE, env: {} }), "env is not supported by infra"],
    [
      "an unknown detail",
      JSON.stringify({ ...BASE, limits: { gpu_ms: 1 } }),
      "limits.gpu_ms is not supported by infra",
    ],
    ["a missing date", JSON.stringify({ name: "w", main: "m" }), "compatibility_date: "],
    ["a broken file", '{\n  "name": \n}', "templates/w/wrangler.jsonc:3: ValueExpected"],
  ])("refuses %s by name", (_, text, message) => {
    expect(() => parseWranglerConfiguration(text, "templates/w")).toThrow(message);
  });

  it("reads comments and trailing commas", () => {
    expect(parseWranglerConfiguration(`// a\n${JSON.stringify(BASE).replace("}", ",}")}`, "t").name).toBe("w");
  });
});
