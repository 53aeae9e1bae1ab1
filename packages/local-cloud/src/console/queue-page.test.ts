import { describe, expect, it } from "vitest";

interface Sample {
  at: number;
  depth: number;
  sent: number;
  acknowledged: number;
}
interface NamedQueue {
  name: string;
  deadLettersOf: string[];
}

/** The page's modules are plain JavaScript: their types are told here. */
const load = (file: string) => import(new URL(`./page/${file}`, import.meta.url).href) as Promise<unknown>;
const { remember, rates, rateText, depthLine } = (await load("queue-history.js")) as {
  remember: (samples: readonly Sample[], sample: Sample) => Sample[];
  rates: (samples: readonly Sample[]) => { sent: number; acknowledged: number } | undefined;
  rateText: (perSecond: number) => string;
  depthLine: (
    samples: readonly Sample[],
    picture: { now: number; width: number; height: number },
  ) => { line: string; highest: number; span: number } | undefined;
};
const { bodyText, previewOf } = (await load("message-text.js")) as {
  bodyText: (body: { text: string; form: string }) => string;
  previewOf: (body: { text: string }) => string;
};
const { inOrder } = (await load("queue-list.js")) as { inOrder: (queues: readonly NamedQueue[]) => NamedQueue[] };

const sample = (seconds: number, depth = 0, sent = 0, acknowledged = 0): Sample => ({
  at: seconds * 1000,
  depth,
  sent,
  acknowledged,
});

describe("what the page has seen of a queue", () => {
  it("reaches ten minutes back", () => {
    const samples = [0, 300, 601].reduce<Sample[]>((seen, at) => remember(seen, sample(at)), []);
    expect(samples.map(({ at }) => at)).toEqual([300_000, 601_000]);
  });

  it("holds one sample a second, the newest", () => {
    const samples = [0, 3, 3.4, 3.8].reduce<Sample[]>((seen, at) => remember(seen, sample(at, at)), []);
    expect(samples.map(({ depth }) => depth)).toEqual([0, 3, 3.8]);
  });

  it("begins anew when the queue did", () => {
    expect(remember([sample(0, 5, 50, 45)], sample(3, 1, 1, 0))).toEqual([sample(3, 1, 1, 0)]);
  });

  it("tells messages per second, of the last seconds only", () => {
    const samples = [sample(0, 0, 0, 0), sample(60, 0, 1000, 1000), sample(70, 20, 1030, 1010)];
    expect(rates(samples)).toEqual({ sent: 3, acknowledged: 1 });
    expect(rates(samples.slice(0, 1))).toBeUndefined();
  });

  it.each([
    [0, "0"],
    [0.01, "<0.1"],
    [0.333, "0.3"],
    [4, "4"],
    [9.97, "10"],
    [1234.5, "1,235"],
  ])("writes %d a second as %s", (perSecond, text) => {
    expect(rateText(perSecond)).toBe(text);
  });

  it("draws a depth that stays until it is seen to have changed", () => {
    const line = depthLine([sample(0, 4), sample(30, 0), sample(60, 2)], { now: 60_000, width: 100, height: 20 });
    expect(line).toMatchObject({ line: "M0 0 H50 V20 H100 V10 H100", highest: 4, span: 60_000 });
    expect(depthLine([], { now: 0, width: 100, height: 20 })).toBeUndefined();
  });

  it("draws an empty queue at the bottom, and a page just opened at the right", () => {
    const line = depthLine([sample(100)], { now: 100_000, width: 100, height: 20 });
    expect(line?.line).toBe("M100 20 H100");
  });
});

describe("a body", () => {
  it.each([
    ["JSON", { form: "json", text: '{"a":[1]}' }, '{\n  "a": [\n    1\n  ]\n}'],
    [
      "JSON with a number that JavaScript would change",
      { form: "json", text: "[12345678901234567890]" },
      "[12345678901234567890]",
    ],
    ["JSON that is cut off", { form: "json", text: '{"a":' }, '{"a":'],
    ["text", { form: "text", text: "a  b\nc" }, "a  b\nc"],
    [
      "bytes",
      { form: "hex", text: `${"41".repeat(15)}00ff` },
      `000000  ${"41 ".repeat(15)}00  ${"A".repeat(15)}.\n000010  ff${" ".repeat(45)}  .`,
    ],
    ["no bytes", { form: "hex", text: "" }, ""],
  ])("of %s is laid out for reading", (_, body, expected) => {
    expect(bodyText(body)).toBe(expected);
  });

  it("is one short line in a list", () => {
    expect(previewOf({ text: "two\n  lines" })).toBe("two lines");
    expect(previewOf({ text: "x".repeat(500) })).toBe(`${"x".repeat(160)}…`);
  });
});

it("puts a queue's dead letters after it, and leaves no queue out", () => {
  const queues = [
    { name: "a-dead", deadLettersOf: ["b", "c"] },
    { name: "c", deadLettersOf: [] },
    { name: "b", deadLettersOf: [] },
    { name: "x", deadLettersOf: ["y"] },
    { name: "y", deadLettersOf: ["x"] },
  ];
  expect(inOrder(queues).map(({ name }) => name)).toEqual(["b", "a-dead", "c", "x", "y"]);
});
