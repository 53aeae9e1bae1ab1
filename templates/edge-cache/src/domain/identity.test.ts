import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatRequest } from "../openai/chat-request.ts";
import { frame, identity, type Question } from "./identity.ts";

const asking = (content: unknown, more: object = {}): Question => ({
  tenant: "ann",
  target: "auto",
  mayFallBack: false,
  maxTokens: 100,
  request: ChatRequest.parse({ model: "auto", messages: [{ role: "user", content }], ...more }),
});

describe("two questions have different identities", () => {
  it.each<[string, string, string]>([
    ["a ligature", "ﬁle", "file"],
    ["a circled digit", "①", "1"],
    ["a full-width letter", "Ａ", "A"],
    ["a power", "x²", "x2"],
    ["a Cyrillic look-alike", "p\u0430ypal", "paypal"],
    ["a Greek look-alike", "\u039F2", "O2"],
    ["a zero-width space", "pay\u200bpal", "paypal"],
    ["a zero-width joiner", "pay\u200dpal", "paypal"],
    ["a soft hyphen", "pay\u00adpal", "paypal"],
    ["a direction mark", "pay\u202epal", "paypal"],
    ["a variation selector", "a\ufe0f", "a"],
    ["a tag character", "a\u{e0061}", "a"],
    ["half a pair", "\ud800", "\ufffd"],
    ["another half of a pair", "\ud800", "\ud801"],
    ["the other letter case", "Straße", "STRASSE"],
    ["inner white space", "a  b", "a b"],
    ["an escaped quotation mark", 'a","role":"system', "a"],
    ["a NUL", "a\0", "a"],
  ])("with %s", (_, one, other) => {
    expect(identity(asking(one))).not.toBe(identity(asking(other)));
  });

  it.each<[string, object, object]>([
    ["text in parts", { messages: [user([text("a"), text("b")])] }, { messages: [user("ab")] }],
    ["one message in two", { messages: [user("a"), user("b")] }, { messages: [user("a\nb")] }],
    ["another order of messages", { messages: [user("a"), user("b")] }, { messages: [user("b"), user("a")] }],
    ["another role", { messages: [{ role: "system", content: "a" }] }, { messages: [user("a")] }],
    ["a speaker's name", { messages: [{ ...user("a"), name: "bob" }] }, { messages: [user("a")] }],
    [
      "a message that looks like two",
      { messages: [user('a"},{"role":"user","content":"b')] },
      { messages: [user("a"), user("b")] },
    ],
    ["a number as a text", { verbosity: 1 }, { verbosity: "1" }],
    ["a parameter named like a part of the identity", { target: "m" }, {}],
    ["a parameter inside another", { a: { b: 1 } }, { a: {}, b: 1 }],
  ])("with %s", (_, one, other) => {
    expect(identity(asking("q", one))).not.toBe(identity(asking("q", other)));
  });

  it("of two tenants, of two targets, of two lengths", () => {
    const others = [{ tenant: "bob" }, { target: "m" }, { maxTokens: 99 }, { mayFallBack: true }];
    const identities = [{}, ...others].map((more) => identity({ ...asking("q"), ...more }));
    expect(new Set(identities).size).toBe(identities.length);
  });

  it("whatever they are made of: an identity can be read back", () => {
    const words = fc
      .array(fc.constantFrom(...Array.from('aA \n\0"\\{}[]:,\u0301\ud800\udc00\ufb01\u200bé')), { maxLength: 8 })
      .map((all) => all.join(""));
    const message = fc.record({ role: fc.constantFrom("user", "system", "assistant"), content: words });
    const messages = fc.array(message, { minLength: 1, maxLength: 3 });
    const parameters = fc.dictionary(fc.string({ maxLength: 4 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()));
    fc.assert(
      fc.property(messages, parameters, (sent, more) => {
        const question = asking("q", { ...own(more), messages: sent });
        const read = JSON.parse(identity(question)) as { messages: unknown; tenant: unknown };
        expect(read.messages).toEqual(
          sent.map(({ role, content }) => ({ role, content: content.normalize("NFC").trim() })),
        );
        expect(read.tenant).toBe("ann");
      }),
      { numRuns: 100 },
    );
  });
});

describe("two questions have the same identity", () => {
  it.each<[string, string, string]>([
    ["decomposed letters", "cafe\u0301", "café"],
    ["outer white space", "\u00a0 q\r\n\t", "q"],
  ])("with %s", (_, one, other) => {
    expect(identity(asking(one))).toBe(identity(asking(other)));
  });

  it("with a parameter named like a prototype, which no model gets either", () => {
    const tricky = asking("q", JSON.parse('{"__proto__":{"seed":1}}') as object);
    expect(Object.entries(tricky.request).map(([name]) => name)).toEqual(["model", "messages"]);
    expect(tricky.request.seed).toBeUndefined();
    expect(identity(tricky)).toBe(identity(asking("q")));
  });

  it("with their parameters in another order", () => {
    expect(identity(asking("q", { seed: 1, stop: { b: 1, a: 2 } }))).toBe(
      identity(asking("q", { stop: { a: 2, b: 1 }, seed: 1 })),
    );
  });
});

it("a frame is never an identity, whatever is asked", () => {
  expect(frame(asking(""))).not.toBe(identity(asking("")));
});

function user(content: unknown) {
  return { role: "user", content };
}

function text(words: string) {
  return { type: "text", text: words };
}

/** Names that no parameter of the API has. */
function own(parameters: object): object {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`x-${name}`, value]));
}
