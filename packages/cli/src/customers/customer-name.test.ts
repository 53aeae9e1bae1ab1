import { describe, expect, it } from "vitest";
import { nameNewCustomer, normaliseName, ownerOf } from "./customer-name.ts";

describe("a new customer's name", () => {
  it.each([
    ["acme", "acme"],
    ["Café Löwe & Co.", "cafe-lowe-co"],
    ["ACME_2", "acme-2"],
    ["ａｃｍｅ", "acme"],
    ["a".repeat(24), "a".repeat(24)],
  ])("%s becomes %s", (given, name) => expect(nameNewCustomer(given, [])).toBe(name));

  it.each([
    ["", "no letter"],
    ["---", "no letter"],
    ["a".repeat(25), "24 fit"],
    ["local", "reserved"],
    ["Production", "reserved"],
    ["pr-7", "reserved"],
    ["acme-event-agent", "event-agent is a template's name"],
    ["edge-cache", "edge-cache is a template's name"],
    ["../../etc/passwd", "U+002F"],
    ["аcme", "U+0430"],
    ["acme\u200B", "U+200B"],
    ["acme\n", "U+000A"],
    ["acme$(reboot)", "U+0024"],
    ["株式会社", "U+682A"],
  ])("%j is refused: %s", (given, reason) => expect(() => nameNewCustomer(given, [])).toThrow(reason));

  it("is refused when another looks the same after normalising", () => {
    expect(() => nameNewCustomer("Acme Eu", ["acme_eu"])).toThrow("the same as acme_eu");
    expect(() => nameNewCustomer("acme", ["acme"])).toThrow("taken");
    expect(nameNewCustomer("acme", ["acme-eu"])).toBe("acme");
  });
});

it("a name that was normalised stays as it is", () => {
  for (const name of ["cafe-lowe-co", "a-1"]) expect(normaliseName(name)).toBe(name);
});

describe("whose a resource is", () => {
  const stacks = ["acme", "acme-eu", "local"];
  it.each([
    ["tenner-acme-ai", "acme"],
    ["tenner-acme-eu-ai", "acme-eu"],
    ["tenner-acme-event-agent-results", "acme"],
    ["tenner-acmes-ai", undefined],
    ["acme-photos", undefined],
  ])("%s: %s", (resource, owner) => expect(ownerOf(resource, stacks)).toBe(owner));
});
