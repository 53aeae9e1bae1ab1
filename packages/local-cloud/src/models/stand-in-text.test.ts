import { describe, expect, it } from "vitest";
import * as z from "zod";
import { standInText } from "./stand-in-text.ts";
import type { ResponseFormat, TextPart } from "./text-model.ts";

const model = standInText();
const never = new AbortController().signal;

const request = (system: string, user: string, format: ResponseFormat = { type: "text" }, maxTokens = 1000) => ({
  model: "m",
  messages: [
    { role: "system" as const, content: system },
    { role: "user" as const, content: user },
  ],
  maxTokens,
  format,
});
const say = async (system: string, user: string) => (await model.complete(request(system, user), never)).text;
const fill = async <T>(shape: z.ZodType<T>, text: string, system = "You extract facts from texts.") => {
  const schema = z.toJSONSchema(shape, { io: "input" }) as Record<string, unknown>;
  const answer = await model.complete(
    request(system, `<text>\n${text}\n</text>`, { type: "json_schema", schema }),
    never,
  );
  return shape.parse(JSON.parse(answer.text));
};

const ARTICLE = `Solar power grew faster than any other source last year. Cats slept on the roof. New solar plants doubled the power output of the region.
A minister spoke briefly. Storage for solar power remains the open question, and batteries are the likely answer. The weather was mild.
Experts expect solar power to lead for ten years. Nobody asked the cats.`;

describe("text", () => {
  it("summarizes with sentences of the text, and says that it is a stand-in", async () => {
    const text = await say("You summarize texts, at most 40 words.", ARTICLE);
    expect(text).toMatch(/^\[stand-in\] /);
    expect(text).toContain("Solar power grew faster than any other source last year.");
    expect(text).not.toContain("cats");
    expect(text.split(" ").length).toBeLessThanOrEqual(42);
  });

  it("writes bullets when it is asked to", async () => {
    expect(await say("You summarize texts. Write three to seven short bullet points.", ARTICLE)).toMatch(/\n- .*\n- /);
  });

  it("quotes what it replies to, with the instructions it has", async () => {
    const text = await say(
      "You write replies to customers' messages. Instructions: Refunds take five days.",
      "Where is my refund? I wait.",
    );
    expect(text).toContain("Where is my refund");
    expect(text).toContain("Refunds take five days.");
  });

  it("answers from a context", async () => {
    const prompt =
      "<context>The lake is blue. The tower is 84 metres high.</context><question>How high is the tower?</question>";
    expect(await say("Answer from the context.", prompt)).toContain("The tower is 84 metres high.");
    const long = `<a>${"Money is money, and much money is more money. ".repeat(3)}</a><b># Measures\n\nIts height: 84 metres.</b>`;
    expect(await say("", `<question>What is its height?</question>${long}`)).toBe(
      "[stand-in] The context says: Its height: 84 metres.",
    );
  });

  it("answers the same every time, and stops when its tokens are used up", async () => {
    expect(await say("", ARTICLE)).toBe(await say("", ARTICLE));
    const answer = await model.complete(request("", ARTICLE, { type: "text" }, 5), never);
    expect(answer).toMatchObject({ finishReason: "length", usage: { completion_tokens: 5 } });
  });

  it("streams the same text, and usage at the end", async () => {
    const parts: TextPart[] = [];
    for await (const part of model.stream(request("", "Hello there"), never)) parts.push(part);
    const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    expect(text).toBe(await say("", "Hello there"));
    expect(parts.at(-1)).toMatchObject({ type: "end", finishReason: "stop" });
  });
});

describe("JSON", () => {
  it.each([
    ["I was charged twice, please send my money back", "billing"],
    ["The app crashes with an error when I log in", "technical"],
    ["Just saying hi", "other"],
  ])("classifies %s as %s", async (text, label) => {
    const shape = z.object({ label: z.enum(["technical", "billing", "other"]), why: z.string().max(60).default("") });
    expect(await fill(shape, text)).toMatchObject({ label, why: expect.stringMatching(/^\[stand-in\]/) });
  });

  it.each([
    ["I love it, great work", "positive"],
    ["Terrible, it arrived broken", "negative"],
    ["It is a box", "neutral"],
  ])("hears in %s a %s tone", async (text, sentiment) => {
    expect(await fill(z.object({ sentiment: z.enum(["positive", "negative", "neutral"]) }), text)).toEqual({
      sentiment,
    });
  });

  it("finds values by the names of their fields, and leaves out what is not there", async () => {
    const shape = z.object({
      invoice_number: z.string(),
      total: z.number(),
      currency: z.string(),
      date: z.iso.date(),
      email: z.email(),
      customerName: z.string(),
      guests: z.int(),
      vat_id: z.string().optional(),
      phone: z.string().nullable(),
      paid: z.boolean(),
    });
    const text = `Invoice number: A-17
Dear Ann Smith, thank you for your stay with 4 guests. Total: 1,234.50 EUR, due on 3 March 2026. Paid: no.
Questions to desk@hotel.example.`;
    expect(await fill(shape, text)).toEqual({
      invoice_number: "A-17",
      total: 1234.5,
      currency: "EUR",
      date: "2026-03-03",
      email: "desk@hotel.example",
      customerName: "Ann Smith",
      guests: 4,
      phone: null,
      paid: false,
    });
  });

  const Tree: z.ZodType<unknown> = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });
  it.each<[string, z.ZodType]>([
    [
      "numbers",
      z.object({
        a: z.int().min(1).max(5),
        b: z.number().gt(0).lt(1),
        c: z.number().multipleOf(0.25).min(10),
        d: z.int().negative(),
      }),
    ],
    [
      "formats",
      z.object({
        a: z.uuid(),
        b: z.url(),
        c: z.iso.datetime(),
        d: z.ipv4(),
        e: z.iso.time(),
        f: z.ipv6(),
        g: z.iso.duration(),
      }),
    ],
    [
      "patterns",
      z.object({
        a: z.string().regex(/^[A-Z]{3}-\d{2,4}$/),
        b: z.string().regex(/^#(?:[0-9a-f]{3}){1,2}$/),
        c: z.string().regex(/^(?:yes|no)\?$/),
      }),
    ],
    ["lengths", z.object({ a: z.string().min(50), b: z.string().max(3), c: z.string().length(7) })],
    [
      "lists",
      z.object({
        a: z.array(z.string()).min(5),
        b: z.array(z.number()).max(1),
        c: z.array(z.enum(["x", "y"])).min(3),
        d: z.tuple([z.string(), z.int()]),
      }),
    ],
    ["records", z.record(z.string(), z.number())],
    [
      "unions",
      z.object({
        a: z.union([z.string(), z.number()]),
        b: z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("one"), n: z.int() }),
          z.object({ kind: z.literal("two") }),
        ]),
      }),
    ],
    ["intersections", z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() }))],
    ["recursion", Tree],
    ["a bare list", z.array(z.object({ item: z.string(), price: z.number().min(0) })).min(1)],
    ["strict objects", z.strictObject({ a: z.literal(7), b: z.null(), c: z.boolean() })],
  ])("fits %s", async (_, shape) => {
    expect(await fill(shape, ARTICLE)).toBeDefined();
    expect(await fill(shape, "")).toBeDefined();
  });

  it("answers numbered pieces each from its own text", async () => {
    const schema = z.toJSONSchema(
      z.object({ item_1: z.object({ title: z.string() }), item_2: z.object({ title: z.string() }) }),
    ) as Record<string, unknown>;
    const user =
      '<item number="1">\n<text>A kettle.</text>\n</item>\n<item number="2">\n<text>A chair.</text>\n</item>';
    const { text } = await model.complete(request("You name things.", user, { type: "json_schema", schema }), never);
    expect(JSON.parse(text)).toEqual({
      item_1: { title: expect.stringContaining("A kettle.") },
      item_2: { title: expect.stringMatching(/^(?!.*kettle).*A chair\./) },
    });
  });

  it("answers an object when no schema says which", async () => {
    const answer = await model.complete(request("", "Hello", { type: "json_object" }), never);
    expect(JSON.parse(answer.text)).toEqual({ answer: expect.stringContaining("Hello") });
  });
});
