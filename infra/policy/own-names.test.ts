import { expect, it } from "vitest";
import { planned, said, stackOf } from "./fixtures.ts";
import { ownNames } from "./own-names.ts";
import { Later, TYPES } from "./rule.ts";

const preview = (name = "pr-7", settings = {}) => stackOf({ name, kind: "preview", settings });
const bucket = (name: string) => planned(TYPES.bucket, "files", { name });
const binds = (binding: object) => planned(TYPES.script, "agent", { bindings: [{ name: "B", ...binding }] });

it("takes what derives its name from the stack's", () => {
  expect(said(ownNames, [bucket("tenner-acme-files")])).toEqual([]);
  expect(said(ownNames, [bucket("tenner-pr-7-files")], preview())).toEqual([]);
});

it.each(["tenner-production-files", "tenner-pr-77-files", "tenner-pr-files", "pr-7-files", "files"])(
  "a preview cannot name a bucket %s",
  (name) => {
    expect(said(ownNames, [bucket(name)], preview())).toEqual([
      expect.stringContaining(
        `is named ${name} in the account, which does not begin with the stack's own tenner-pr-7-`,
      ),
    ]);
  },
);

it.each([
  [TYPES.gateway, "aiGatewayId"],
  [TYPES.queue, "queueName"],
  [TYPES.database, "name"],
  [TYPES.script, "scriptName"],
  ["cloudflare:index/workersKvNamespace:WorkersKvNamespace", "title"],
  ["pulumi-nodejs:dynamic/tenner:VectorizeIndex", "indexName"],
  ["pulumi-nodejs:dynamic/tenner:DurableObjectMigrations", "scriptName"],
])("a preview cannot name production's %s", (type, property) => {
  const resource = (name: string) => planned(type, "x", { [property]: name });
  expect(said(ownNames, [resource("tenner-production-x")], preview())).toHaveLength(1);
  expect(said(ownNames, [resource("tenner-pr-7-x")], preview())).toEqual([]);
});

it.each([
  ["d1", "databaseId", "5f2c7b1e-0000-4000-8000-000000000000"],
  ["kv_namespace", "namespaceId", "0f2ac74b498b48028cb68387c421e279"],
  ["queue", "queueName", "tenner-production-jobs"],
  ["r2_bucket", "bucketName", "tenner-production-files"],
  ["service", "service", "tenner-production-agent"],
  ["vectorize", "indexName", "tenner-production-index"],
])("a preview cannot bind production's %s, but its own", (type, property, target) => {
  expect(said(ownNames, [binds({ type, [property]: target })], preview())).toEqual([
    expect.stringContaining(`binds B to ${target}, which this stack does not make`),
  ]);
  expect(said(ownNames, [binds({ type, [property]: new Later(async () => false) })], preview())).toEqual([]);
});

it("a preview cannot take production's addresses", () => {
  expect(said(ownNames, [], preview("pr-7", { domain: "shop.example" }))).toEqual([
    expect.stringContaining("shop.example is where production answers"),
  ]);
});

it.each(["production", "pr-", "pr-0", "pr-07", "pr-7-production", "pr-7x", "PR-7"])(
  "%s is no preview's name",
  (name) => {
    expect(said(ownNames, [], preview(name))).toEqual([expect.stringContaining("is not named pr-<number>")]);
  },
);

it.each(["pr-7", "pr-production", "PR-7"])("no other stack may be called %s", (name) => {
  expect(said(ownNames, [], stackOf({ name }))).toEqual([expect.stringContaining("belong to previews")]);
});

it.each(["Acme_Corp", "a".repeat(60)])("knows the names of stack %s, which are changed to fit", (name) => {
  const start = `tenner-${name.toLowerCase().replace("_", "-")}`.slice(0, 39);
  expect(said(ownNames, [bucket(`${start}-files-0a1b2c3d`)], stackOf({ name }))).toEqual([]);
  expect(said(ownNames, [bucket("tenner-other-files")], stackOf({ name }))).toHaveLength(1);
});
