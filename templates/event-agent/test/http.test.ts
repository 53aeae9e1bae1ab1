import { env } from "cloudflare:workers";
import { SECURITY_HEADERS } from "@tenner/worker-kit/security-headers";
import { beforeAll, describe, expect, it } from "vitest";
import sharedApi from "../../../packages/worker-kit/src/api.js?raw";
import sharedStyle from "../../../packages/worker-kit/src/family.css?raw";
import sharedPage from "../../../packages/worker-kit/src/page.js?raw";
import staticHeaders from "../public/_headers?raw";
import ownApi from "../public/api.js?raw";
import ownStyle from "../public/family.css?raw";
import ownPage from "../public/page.js?raw";
import { api, migrate, ORIGIN, problem, summarizing } from "./harness.ts";

beforeAll(migrate);

describe("every answer", () => {
  it("has a request id: the caller's, if it looks like one", async () => {
    const given = await api("GET", "/health", { headers: { "x-request-id": "abc-12345" } });
    expect(given.headers.get("x-request-id")).toBe("abc-12345");
    const made = await api("GET", "/health", { headers: { "x-request-id": "<script>" } });
    expect(made.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
  });

  it.each(["/health", "/docs", "/openapi.json", "/nowhere"])("has security headers: %s", async (path) => {
    const response = await api("GET", path);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(response.headers.get(name)).toBe(value);
    expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
  });
});

describe("a wrong request", () => {
  it.each(["/nowhere", "/v1/", "/v1/jobs/", "/v2/jobs"])("to %s is not found", async (path) => {
    expect(await problem(await api("GET", path))).toMatchObject({ status: 404, code: "not_found" });
  });

  it.each([
    ["PUT", "/v1/jobs", "POST, GET, HEAD"],
    ["PATCH", "/v1/jobs/x", "GET, DELETE, HEAD"],
    ["GET", "/v1/jobs/x/retry", "POST"],
    ["GET", "/v1/hooks/form", "POST"],
    ["DELETE", "/health", "GET, HEAD"],
  ])("%s %s is not allowed, and says what is", async (method, path, allow) => {
    const response = await api(method, path);
    expect(response.headers.get("allow")).toBe(allow);
    expect(await problem(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });

  it.each(["text/plain", "multipart/form-data", "application/jsonp", ""])(
    "with content type %j gets 415",
    async (type) => {
      const response = await api("POST", "/v1/jobs", { body: "{}", headers: { "content-type": type } });
      expect(await problem(response)).toMatchObject({ status: 415, code: "unsupported_media_type" });
    },
  );

  it.each([
    ["an empty body", ""],
    ["half a body", '{"task":'],
    ["a bare word", "summarize"],
    ["endless nesting", `${"[".repeat(2_000)}${"]".repeat(2_000)}`],
  ])("with %s is not JSON", async (_, body) => {
    const response = await api("POST", "/v1/jobs", { body });
    expect(await problem(response)).toMatchObject({ status: 400, code: "invalid_json" });
  });

  it("over the limit gets 413, announced or not", async () => {
    const body = JSON.stringify(summarizing("x".repeat(70_000)));
    expect(await problem(await api("POST", "/v1/jobs", { body }))).toMatchObject({ status: 413 });
    const hidden = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 70; i++) controller.enqueue(new TextEncoder().encode("x".repeat(1_000)));
        controller.close();
      },
    });
    const { exports } = await import("cloudflare:workers");
    const response = await exports.default.fetch(`${ORIGIN}/v1/jobs`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.API_KEY}`, "content-type": "application/json" },
      body: hidden,
    });
    expect(await problem(response)).toMatchObject({ status: 413, code: "body_too_large" });
  });

  it("takes JSON with a charset or a +json type", async () => {
    for (const type of ["application/json; charset=utf-8", "application/cloudevents+json"]) {
      const response = await api("POST", "/v1/jobs", {
        body: summarizing("x", { delay_seconds: 9 }),
        headers: { "content-type": type },
      });
      expect(response.status).toBe(202);
    }
  });
});

describe("the description", () => {
  interface Described {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
    components: { schemas: Record<string, unknown> };
  }

  it("names every operation once, and every reference leads somewhere", async () => {
    const document = await (await api("GET", "/openapi.json")).json<Described>();
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        "/v1/jobs",
        "/v1/jobs/{id}",
        "/v1/jobs/{id}/events",
        "/v1/hooks/{source}",
        "/v1/keys/{id}",
      ]),
    );
    const operations = Object.values(document.paths).flatMap(Object.values);
    expect(new Set(operations.map((each) => each.operationId)).size).toBe(operations.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference]) => reference ?? "",
    );
    expect(references.length).toBeGreaterThan(20);
    expect(document.components.schemas).toHaveProperty("Job.properties.status.$ref", "#/components/schemas/JobStatus");
    expect(document.components.schemas).toHaveProperty("JobRequest.oneOf.3.properties.task.const", "reply");
    expect(document.components.schemas).toHaveProperty("ClassifyOutput.required", ["label", "why"]);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(schema).not.toHaveProperty("$ref", `#/components/schemas/${name}`);
    }
    for (const reference of references) {
      expect(document.components.schemas).toHaveProperty([reference.replace("#/components/schemas/", "")]);
    }
  });

  it("is also a page without script", async () => {
    const response = await api("GET", "/docs", { key: null });
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    const page = await response.text();
    expect(page).toContain("/v1/jobs/{id}/events");
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});

describe("the page", () => {
  it.each(["/", "/app.js", "/api.js", "/page.js", "/examples.js", "/app.css", "/family.css"])(
    "serves %s",
    async (path) => {
      const response = await env.ASSETS.fetch(`${ORIGIN}${path}`);
      expect(response.status).toBe(200);
    },
  );

  it.each([
    ["family.css", ownStyle, sharedStyle],
    ["api.js", ownApi, sharedApi],
    ["page.js", ownPage, sharedPage],
  ])("has %s as worker-kit has it", (_, own, shared) => {
    expect(own).toBe(shared);
  });

  it("has the same security headers as the Worker", () => {
    const given = Object.fromEntries(
      [...staticHeaders.matchAll(/^ {2}([\w-]+): (.+)$/gm)].map(([, name = "", value]) => [name.toLowerCase(), value]),
    );
    expect(given).toEqual(SECURITY_HEADERS);
  });
});

describe("a browser elsewhere", () => {
  it("may not call the API unless its origin is in the settings", async () => {
    const response = await api("GET", "/v1/jobs", { headers: { origin: "https://evil.example" } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("of the settings may, and reads errors too", async () => {
    const origin = "https://shop.example";
    const preflight = await api("OPTIONS", "/v1/jobs", {
      key: null,
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    for (const key of [env.API_KEY, null]) {
      const response = await api("GET", "/v1/jobs", { key, headers: { origin } });
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    }
  });
});
