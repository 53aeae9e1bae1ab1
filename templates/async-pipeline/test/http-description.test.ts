import { SECURITY_HEADERS } from "@tenner/worker-kit/security-headers";
import { beforeAll, describe, expect, it } from "vitest";
import sharedKeys from "../../../packages/worker-kit/migrations/api-keys/0001_api_keys.sql?raw";
import sharedAnswers from "../../../packages/worker-kit/migrations/idempotent-answers/0001_idempotent_answers.sql?raw";
import ownKeys from "../migrations/0001_api_keys.sql?raw";
import ownAnswers from "../migrations/0003_idempotent_answers.sql?raw";
import { api, migrate } from "./http-harness.ts";

beforeAll(migrate);

interface Described {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; requestBody?: { content: Record<string, object> }; responses: object }>
  >;
  components: { schemas: Record<string, unknown> };
}

describe("the description", () => {
  it("names every operation once, and every reference leads somewhere", async () => {
    const document = await (await api("GET", "/openapi.json", { key: null })).json<Described>();
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.length).toBeGreaterThanOrEqual(18);
    expect(new Set(operations.map((each) => each.operationId)).size).toBe(operations.length);
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name = ""] of references) expect(document.components.schemas).toHaveProperty([name]);
  });

  it("says what a submission takes", async () => {
    const document = await (await api("GET", "/openapi.json")).json<Described>();
    const { content } = document.paths["/v1/batches"]?.["post"]?.requestBody ?? { content: {} };
    expect(Object.keys(content)).toEqual(["application/json", "application/x-ndjson", "text/csv"]);
    expect(document.components.schemas).toHaveProperty(
      "BatchRequest.properties.pipeline.enum",
      expect.arrayContaining(["classify-and-tag", "summarise-documents"]),
    );
    expect(await (await api("GET", "/docs")).text()).toContain("text/csv");
  });
});

describe("the pipelines", () => {
  it("are listed with JSON Schemas of what goes in and comes out", async () => {
    const { pipelines } = await (await api("GET", "/v1/pipelines")).json<{
      pipelines: { name: string; item: object; options: object; result: object; steps: object[] }[];
    }>();
    expect(pipelines.map(({ name }) => name).toSorted()).toEqual([
      "classify-and-tag",
      "email-sequence",
      "product-descriptions",
      "summarise-documents",
    ]);
    for (const { item, options, result, steps } of pipelines) {
      for (const schema of [item, options, result]) expect(schema).toMatchObject({ type: "object" });
      expect(steps.length).toBeGreaterThan(0);
    }
    expect(pipelines.find(({ name }) => name === "classify-and-tag")).toMatchObject({
      item: { properties: { text: { type: "string" } }, required: ["text"] },
      options: { properties: { labels: { type: "array" } } },
      shared: { items: 10 },
    });
  });
});

describe("usage", () => {
  it("is the caller's own", async () => {
    expect(await (await api("GET", "/v1/usage")).json()).toMatchObject({ scope: "tenant", spent_usd: 0 });
  });
});

describe("what is shared with other templates", () => {
  it.each([
    ["table of API keys", ownKeys, sharedKeys],
    ["table of answers", ownAnswers, sharedAnswers],
  ])("the %s is worker-kit's", (_, own, shared) => {
    expect(own).toBe(shared);
  });

  it("every answer has the security headers", async () => {
    for (const path of ["/docs", "/v1/nothing"]) {
      const response = await api("GET", path);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response.headers.get(name)).toBe(value);
    }
  });
});
