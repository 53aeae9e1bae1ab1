import { beforeAll, describe, expect, it, vi } from "vitest";
import { all, ask as askAny, asking, booked, callsWith, migrate, newQuestion, open, openai } from "./harness.ts";

beforeAll(migrate);

/** Looking for alike questions has an entry of its own in the books. */
const exactly = { headers: { "x-cache-semantic": "off" } };
const ask = (content: string, more: object = {}, { headers = {} }: { headers?: Record<string, string> } = {}) =>
  askAny(content, more, { headers: { ...exactly.headers, ...headers } });

const gated = () => {
  const name = crypto.randomUUID();
  return { name, question: `[[gate:${name}]] ${name}` };
};

describe("identical questions at the same moment", () => {
  it("make one call for hundreds, and one entry in the books", async () => {
    const before = await booked();
    const { name, question } = gated();
    const asked = Array.from({ length: 300 }, () => ask(question));
    await vi.waitFor(async () => expect(await callsWith(name)).toBe(1), 45_000);
    await open(name);
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await callsWith(name)).toBe(1);
    const outcomes = Map.groupBy(answers, ({ cache }) => cache);
    expect(outcomes.get("miss")).toHaveLength(1);
    expect([...outcomes.keys()].filter((each) => !["miss", "coalesced", "hit-exact"].includes(each ?? ""))).toEqual([]);
    const paid = answers.filter(({ headers }) => headers.get("x-cost-usd") !== "0");
    expect(paid).toHaveLength(1);
    const calls = await booked(before);
    expect(calls).toMatchObject([{ state: "settled" }]);
  }, 90_000);

  it("are streamed to all of them as the answer arrives, however each wants it", async () => {
    const { name, question } = gated();
    const stream = () => openai().chat.completions.create({ ...asking(question), stream: true }, exactly);
    const first = (await stream())[Symbol.asyncIterator]();
    // It has begun: the gate is still shut.
    expect((await first.next()).value?.choices[0]?.delta.content).toBe("Answer");
    const second = (await stream())[Symbol.asyncIterator]();
    expect((await second.next()).value?.choices[0]?.delta.content).toBe("Answer");
    const whole = ask(question);
    await open(name);
    expect((await second.next()).value?.choices[0]?.delta.content).toBe(" in parts");
    expect((await first.next()).value?.choices[0]?.delta.content).toBe(" in parts");
    expect((await whole).text).toMatch(/^Answer in parts/);
    for (const reader of [first, second]) while (!(await reader.next()).done);
    expect(await callsWith(name)).toBe(1);
  });

  it("all get the error when it fails, and none hangs", async () => {
    const { name, question } = gated();
    const failing = `${question} [[cut]]`;
    const streams = Array.from({ length: 20 }, async () => {
      const stream = await openai().chat.completions.create({ ...asking(failing), stream: true }, exactly);
      return all(stream);
    });
    await vi.waitFor(async () => expect(await callsWith(name)).toBeGreaterThan(0), 30_000);
    await open(name);
    const outcomes = await Promise.allSettled(streams);
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => "rejected"));
    const refused = await Promise.all(Array.from({ length: 20 }, () => ask(newQuestion("[[refuse]]"))));
    expect(refused.map(({ status, error }) => [status, error?.code])).toEqual(
      refused.map(() => [400, "model_refused"]),
    );
  });

  it("get their answer when the one who asked first has left, and the call is paid once", async () => {
    const before = await booked();
    const { name, question } = gated();
    const stop = new AbortController();
    const request = { ...asking(question), stream: true as const };
    const first = (await openai().chat.completions.create(request, { ...exactly, signal: stop.signal }))[
      Symbol.asyncIterator
    ]();
    await first.next();
    const waiting = ask(question);
    await vi.waitFor(async () => expect(await callsWith(name)).toBe(1), 45_000);
    stop.abort();
    await open(name);
    expect(await waiting).toMatchObject({ status: 200, cache: "coalesced" });
    expect(await callsWith(name)).toBe(1);
    expect(await booked(before)).toMatchObject([{ state: "settled" }]);
    expect(await ask(question)).toMatchObject({ cache: "hit-exact" });
  });

  it("fill the cache even when everybody has left", async () => {
    const { name, question } = gated();
    const stop = new AbortController();
    const request = { ...asking(question), stream: true as const };
    const only = (await openai().chat.completions.create(request, { ...exactly, signal: stop.signal }))[
      Symbol.asyncIterator
    ]();
    await only.next();
    stop.abort();
    await open(name);
    await vi.waitFor(async () => {
      expect(await ask(question, {}, { headers: { "cache-control": "only-if-cached" } })).toMatchObject({
        cache: "hit-exact",
      });
    }, 30_000);
    expect(await callsWith(name)).toBe(1);
  });
});
