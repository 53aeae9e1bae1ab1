import { describe, expect, it } from "vitest";
import { datasetName, rateLimitNamespace, resourceName, vectorizeName } from "./resource-names.ts";

describe("resourceName", () => {
  it.each([
    ["local", "event-agent", "tenner-local-event-agent"],
    ["pr-123", "event-agent-results", "tenner-pr-123-event-agent-results"],
  ])("%s %s: is plain where it can be", (stack, part, name) => {
    expect(resourceName(stack, part)).toBe(name);
  });

  it.each(["Acme", "acme_2", "acme.eu", "a".repeat(100), "-", "ünïcode"])("%s: fits a bucket and a label", (stack) => {
    expect(resourceName(stack, "event-agent")).toMatch(/^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/);
  });

  it("keeps stacks apart that would look the same", () => {
    const names = ["acme-2", "acme_2", "Acme-2", "acme.2"].map((stack) => resourceName(stack, "x"));
    expect(new Set(names).size).toBe(names.length);
  });
});

it("names a dataset without hyphens", () => {
  expect(datasetName("local", "event-agent")).toBe("tenner_local_event_agent");
});

it("names a Vectorize index after what cannot change in it", () => {
  expect(vectorizeName("acme", "edge-cache", 768, "cosine")).toBe("tenner-acme-edge-cache-768-cosine");
});

describe("rateLimitNamespace", () => {
  it("is a positive whole number, the same every time", () => {
    const namespace = rateLimitNamespace("local", "event-agent", "SUBMISSIONS");
    expect(namespace).toMatch(/^[1-9]\d{0,9}$/);
    expect(namespace).toBe(rateLimitNamespace("local", "event-agent", "SUBMISSIONS"));
  });

  it("differs between stacks, templates and bindings", () => {
    const all = [
      rateLimitNamespace("a", "t", "B"),
      rateLimitNamespace("b", "t", "B"),
      rateLimitNamespace("a", "u", "B"),
      rateLimitNamespace("a", "t", "C"),
    ];
    expect(new Set(all).size).toBe(4);
  });
});
