import { describe, expect, it } from "vitest";
import { ChatRequest } from "../openai/chat-request.ts";
import { comparableQuestion, conversationWith } from "./comparable-question.ts";
import { frame, identity, type Question } from "./identity.ts";

const user = (content: unknown, more: object = {}) => ({ role: "user", content, ...more });
const request = (messages: object[], more: object = {}) => ChatRequest.parse({ model: "auto", messages, ...more });
const text = (part: string) => ({ type: "text", text: part });

describe("a request is compared by its last message", () => {
  it.each([
    [[user(" What is a CDN? ")], "What is a CDN?"],
    [[user([text("What is a CDN?")])], "What is a CDN?"],
    [[user([text("What is"), text("a CDN?")])], null],
    [[user("What is a CDN?"), { role: "assistant", content: "A" }], null],
    [[user("")], null],
    [[user("x".repeat(1_001))], null],
  ])("%j: %j", (messages, expected) => expect(comparableQuestion(request(messages))).toBe(expected));

  it("and what stands before it", () => {
    const asked = request([{ role: "system", content: [text("a"), text("b")] }, user("What is it?")]);
    expect(conversationWith(asked, "And then?")).toEqual([
      { role: "system", content: "a\nb" },
      { role: "user", content: "And then?" },
    ]);
  });
});

describe("a frame", () => {
  const question = (messages: object[], more: object = {}, own: Partial<Question> = {}): Question => ({
    tenant: "ann",
    target: "auto",
    mayFallBack: false,
    maxTokens: 100,
    request: request(messages, more),
    ...own,
  });
  const system = { role: "system", content: "Be brief." };
  const usual = question([system, user("What is a CDN?")]);

  it("is the same for all last messages, and for what has no effect", () => {
    expect(frame(question([system, user("Anything")], { stream: true, user: "x" }))).toBe(frame(usual));
    expect(frame(usual)).not.toContain("CDN");
    expect(frame(usual)).not.toBe(identity(question([system, user("")])));
  });

  it.each([
    ["tenant", question([system, user("?")], {}, { tenant: "bob" })],
    ["target", question([system, user("?")], {}, { target: "@cf/other" })],
    ["limit", question([system, user("?")], {}, { maxTokens: 99 })],
    ["parameter", question([system, user("?")], { temperature: 0.1 })],
    ["parameter that nobody knows yet", question([system, user("?")], { tone: "formal" })],
    ["number of answers", question([system, user("?")], { n: 2 })],
    ["name of the user", question([system, user("?", { name: "eve" })])],
    ["system message", question([{ ...system, content: "Be verbose." }, user("?")])],
    ["earlier message", question([system, user("a"), { role: "assistant", content: "b" }, user("?")])],
    ["role", question([{ ...system, role: "developer" }, user("?")])],
  ])("is another one with another %s", (_, other) => expect(frame(other)).not.toBe(frame(usual)));
});
