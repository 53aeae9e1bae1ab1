import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { tokenCost } from "../src/ai/cost.ts";
import { type AiBinding, AiError, type AiStream, zodShape } from "../src/ai.ts";
import { priceOf, type TokenPrice } from "../src/model-prices.ts";
import { booked, clearFaults, client, emptyBooks, fault, gateway, ledgerOf } from "./ai-harness.ts";
import { ATTEMPT_MS, FALLBACK, FOREIGN, PRIMARY } from "./ai-route.ts";

const question = { system: "You write replies.", prompt: "Where is my parcel?", maxOutputTokens: 64 };
const shape = zodShape(z.object({ label: z.enum(["praise", "complaint"]) }));

beforeEach(async () => {
  await emptyBooks();
  await clearFaults();
});

/** What the list says that these tokens of a text model cost. */
function listed(model: string, usage: { inputTokens: number; outputTokens: number }): number {
  return tokenCost(priceOf(model) as TokenPrice, usage);
}

async function failureOf(answer: Promise<unknown>): Promise<AiError> {
  const error = await answer.then(
    () => undefined,
    (each: unknown) => each,
  );
  if (error instanceof AiError) return error;
  throw new Error("it did not fail with an AiError", { cause: error });
}

describe("a question", () => {
  it("is answered by the primary model, and its true cost is in the books", async () => {
    const answer = await client().text(question);
    expect(answer).toMatchObject({ model: PRIMARY, fallback: false, standIn: true, cached: false });
    expect(answer.usage.outputTokens).toBeGreaterThan(0);
    expect(answer.costNano).toBe(listed(PRIMARY, answer.usage));
    expect(await booked()).toMatchObject([{ state: "settled", cost: answer.costNano, model: PRIMARY, cached: 0 }]);
  });

  it("never costs more than what was reserved", async () => {
    await client().text({ ...question, prompt: "\u{1f600} ".repeat(500) });
    const [call] = await booked();
    expect(call?.cost).toBeLessThan(call?.worst_case ?? 0);
  });

  it("goes with its template, tenant and job into the gateway's log", async () => {
    const { logId } = await client({ tenant: "änn", job: "job-1" }).text(question);
    const log = await vi.waitFor(() => env.AI.gateway(gateway.id).getLog(logId ?? ""), 30_000);
    expect(log.metadata).toEqual({ template: "event-agent", tenant: "änn", job: "job-1" });
  });

  it("is asked of a model each time, unless the caller wants the gateway's cache", async () => {
    const ai = client();
    const asked = { ...question, prompt: "Twice, please" };
    await ai.text(asked);
    expect(await ai.text(asked)).toMatchObject({ cached: false });
    await ai.text({ ...asked, cacheSeconds: 60 });
    expect(await ai.text({ ...asked, cacheSeconds: 60 })).toMatchObject({ cached: true, costNano: 0, model: PRIMARY });
    expect(await client({ tenant: "bob" }).text({ ...asked, cacheSeconds: 60 })).toMatchObject({ cached: false });
  });

  it("leaves no timer behind, whatever becomes of it", async () => {
    const started = vi.spyOn(globalThis, "setTimeout");
    const stopped = vi.spyOn(globalThis, "clearTimeout");
    onTestFinished(() => void vi.restoreAllMocks());
    await client().text(question);
    await client().embed(["a parcel"]);
    const stream = await client().stream(question);
    for await (const _ of stream.text);
    await fault({ kind: "fail" });
    await failureOf(client().text(question));
    const timers = started.mock.calls.flatMap(([, ms], call) =>
      Number(ms) >= ATTEMPT_MS ? [started.mock.results[call]?.value] : [],
    );
    expect(timers.length).toBeGreaterThan(4);
    const ended = new Set(stopped.mock.calls.map(([timer]) => timer));
    expect(timers.filter((timer) => !ended.has(timer))).toEqual([]);
  });

  it("goes to the fallback, at the fallback's price, when the primary fails", async () => {
    await fault({ kind: "fail", target: PRIMARY });
    const answer = await client().text(question);
    expect(answer).toMatchObject({ model: FALLBACK, fallback: true });
    expect(answer.costNano).toBe(listed(FALLBACK, answer.usage));
  });

  it("is priced by another provider's list when its model answers", async () => {
    const models = [{ model: FOREIGN, attempts: 1, timeoutMs: ATTEMPT_MS }];
    const answer = await client({ gateway: { ...gateway, route: "foreign", models } }).text(question);
    expect(answer).toMatchObject({ model: FOREIGN, fallback: false });
    expect(answer.costNano).toBe(listed(FOREIGN, answer.usage));
  });

  it("counts at its worst case when an attempt before the answer ran out of time", async () => {
    await fault({ kind: "hang", target: PRIMARY });
    const answer = await client().text(question);
    expect(answer).toMatchObject({ model: FALLBACK, fallback: true });
    const [call] = await booked();
    expect(call).toMatchObject({ state: "settled", cost: call?.worst_case });
    expect(answer.costNano).toBe(call?.worst_case);
  });

  it("costs nothing when both models refuse", async () => {
    await fault({ kind: "fail" });
    expect(await failureOf(client().text(question))).toMatchObject({ code: "model_unavailable", retryable: true });
    expect(await booked()).toMatchObject([{ state: "released" }]);
  });

  it.each([
    [
      { kind: "fail", status: 429, code: 3040 },
      { code: "rate_limited", retryable: true },
    ],
    [
      { kind: "fail", status: 400, code: 5004 },
      { code: "model_unavailable", retryable: false },
    ],
  ])("that fails with %j is named", async (failure, error) => {
    await fault(failure);
    expect(await failureOf(client().text(question))).toMatchObject(error);
  });

  it("waits for the next day when the account's daily neurons are used", async () => {
    await fault({ kind: "fail", status: 429, code: 3036 });
    const now = () => Date.parse("2026-11-21T23:00:00Z");
    const error = await failureOf(client({ now }).text(question));
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 3_600_000 });
  });

  it("times out, and counts at its worst case, when no model answers in time", async () => {
    await fault({ kind: "hang" });
    expect(await failureOf(client().text(question))).toMatchObject({ code: "timeout" });
    expect(await failureOf(client({ timeoutMs: 100 }).text(question))).toMatchObject({ code: "timeout" });
    const calls = await booked();
    expect(calls.map(({ state }) => state)).toEqual(["settled", "settled"]);
    for (const call of calls) expect(call.cost).toBe(call.worst_case);
  });

  it("counts at its worst case when the gateway cannot be reached: nobody knows whether it arrived", async () => {
    await fault({ service: "ai-gateway", kind: "unreachable" });
    expect(await failureOf(client().text(question))).toMatchObject({ code: "model_unavailable", retryable: true });
    const [call] = await booked();
    expect(call).toMatchObject({ state: "settled", cost: call?.worst_case });
  });

  it("ends with the caller's own reason", async () => {
    await fault({ kind: "hang" });
    const stop = new AbortController();
    const reason = new Error("cancelled");
    const answer = client().text({ ...question, signal: stop.signal });
    await vi.waitFor(async () => expect(await booked()).toHaveLength(1), 30_000);
    stop.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await expect(client().text({ ...question, signal: stop.signal })).rejects.toBe(reason);
    expect(await booked()).toHaveLength(1);
  });
});

describe("a budget", () => {
  it("refuses a call before it is sent, and says whose it is and until when", async () => {
    const ledger = ledgerOf({ budget: { monthlyUsd: 10, perTenantUsd: 0.000_000_1 } });
    const now = () => Date.parse("2026-11-30T00:00:00Z");
    const send = vi.fn(() => env.AI.gateway(gateway.id));
    const binding = { gateway: send };
    const error = await failureOf(client({ binding, ledger, tenant: "secretive", now }).text(question));
    expect(error).toMatchObject({ code: "budget_exhausted", budget: { scope: "tenant", ceiling: 100, held: false } });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.message).not.toContain("secretive");
    expect(await booked()).toEqual([]);
    expect(send).not.toHaveBeenCalled();
  });

  it("that calls under way hold is no reason to wait for the next month", async () => {
    const ledger = ledgerOf({ budget: { monthlyUsd: 0.001 } });
    const other = { template: "event-agent", tenant: "secretive", expiresInMs: 60_000 };
    await ledger.reserve({ ...other, callId: "under way", worstCase: 999_999 });
    const error = await failureOf(client({ ledger }).text(question));
    expect(error).toMatchObject({ code: "budget_exhausted", budget: { scope: "stack", held: true } });
    expect(error.retryAfterMs).toBeUndefined();
    expect(error.message).toMatch(/^what is left of the stack's budget of \$0.001 is held by calls under way/);
    await ledger.release("under way");
    expect(await client({ ledger }).text(question)).toMatchObject({ model: PRIMARY });
  });

  it("of the gateway itself has its own window, and costs nothing", async () => {
    const now = () => 2_592_000_000 * 700 + 1_000;
    const ai = client({ tenant: "capped", now });
    // What a call cost is recorded after it, so the first ones still pass.
    const error = await vi.waitFor(() => failureOf(ai.text(question)), 30_000);
    expect(error).toMatchObject({
      code: "budget_exhausted",
      retryAfterMs: 2_592_000_000 - 1_000,
      budget: { scope: "gateway" },
    });
    expect(error.message).not.toContain("capped");
    expect((await booked()).at(-1)).toMatchObject({ state: "released" });
  });
});

describe("a repeat of a call", () => {
  it("after a crash finds its reservation and its answer, and is paid for once", async () => {
    const callId = crypto.randomUUID();
    const crash = { ...ledgerOf(), settle: () => Promise.reject(new Error("the process is gone")) };
    const first = await client({ ledger: crash }).text({ ...question, callId });
    expect(await booked()).toMatchObject([{ state: "reserved" }]);

    const repeat = await client().text({ ...question, callId });
    expect(repeat).toMatchObject({ value: first.value, cached: true, costNano: listed(PRIMARY, first.usage) });
    expect(await booked()).toMatchObject([{ state: "settled", cost: repeat.costNano, cached: 1 }]);

    const third = await client().text({ ...question, callId });
    expect(third).toMatchObject({ value: first.value, cached: true, costNano: 0 });
    expect(await booked()).toMatchObject([{ cost: repeat.costNano }, { state: "settled", cost: 0 }]);
  });

  it("by another tenant, or with another question, is another call", async () => {
    const callId = crypto.randomUUID();
    await client().text({ ...question, callId });
    expect(await client({ tenant: "bob" }).text({ ...question, callId })).toMatchObject({ cached: false });
    expect(await client().text({ ...question, prompt: "Another?", callId })).toMatchObject({ cached: false });
  });
});

describe("a structured question", () => {
  it("is answered in its shape", async () => {
    const answer = await client().structured({ ...question, prompt: "The parcel came broken. I am angry." }, shape);
    expect(["praise", "complaint"]).toContain(answer.value.label);
    expect(answer.costNano).toBe(listed(PRIMARY, answer.usage));
  });

  it("shows the model once what was wrong, and pays for both calls", async () => {
    await fault({ kind: "garbage", target: PRIMARY, count: 1 });
    const answer = await client().structured(question, shape);
    const calls = await booked();
    expect(calls).toHaveLength(2);
    expect(answer.costNano).toBe((calls[0]?.cost ?? 0) + (calls[1]?.cost ?? 0));
  });

  it("gives up after the repair", async () => {
    await fault({ kind: "garbage" });
    expect(await failureOf(client().structured(question, shape))).toMatchObject({
      code: "invalid_answer",
      retryable: false,
    });
    expect(await booked()).toMatchObject([{ state: "settled" }, { state: "settled" }]);
  });
});

describe("a stream", () => {
  it("gives out text as it comes, and is settled before its last part", async () => {
    const stream = await client().stream(question);
    expect(stream).toMatchObject({ model: PRIMARY, fallback: false });
    const parts: string[] = [];
    const states: string[] = [];
    for await (const part of stream.text) {
      parts.push(part);
      states.push((await booked())[0]?.state ?? "");
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(states.at(0)).toBe("reserved");
    expect(states.at(-1)).toBe("settled");
    const answer = await stream.answer;
    expect(answer).toMatchObject({ value: parts.join(""), costNano: listed(PRIMARY, answer.usage), standIn: true });
    expect(await booked()).toMatchObject([{ cost: answer.costNano }]);
  });

  it("may take longer than its beginning may", async () => {
    const stream = await client({ timeoutMs: ATTEMPT_MS }).stream(question);
    const late = AbortSignal.timeout(ATTEMPT_MS);
    await vi.waitFor(() => expect(late.aborted).toBe(true), { timeout: 30_000 });
    expect(await readAll(stream)).not.toBe("");
  });

  it("counts at its worst case when its reader leaves", async () => {
    const stream = await client().stream(question);
    const reader = stream.text.getReader();
    await reader.read();
    await reader.cancel();
    await expectWorstCase();
    expect(await failureOf(stream.answer)).toMatchObject({ code: "model_unavailable" });
  });

  it("counts at its worst case, and fails, when its connection breaks", async () => {
    await fault({ kind: "cut", target: PRIMARY, count: 1 });
    const text = client().stream(question).then(readAll);
    expect(await failureOf(text)).toMatchObject({ code: "model_unavailable", retryable: true });
    await expectWorstCase();
  });

  it("counts at its worst case, and fails, when it ends in the middle", async () => {
    const binding: AiBinding = {
      gateway: (id) => ({
        async run(...request) {
          const response = await env.AI.gateway(id).run(...request);
          const events = (await response.text()).split("\n\n");
          return new Response(`${events.slice(0, 3).join("\n\n")}\n\n`, response);
        },
      }),
    };
    const stream = await client({ binding }).stream(question);
    const parts: string[] = [];
    const read = async () => {
      for await (const part of stream.text) parts.push(part);
    };
    expect(await failureOf(read())).toMatchObject({ code: "model_unavailable", retryable: true });
    expect(parts.length).toBeGreaterThan(0);
    expect(await failureOf(stream.answer)).toMatchObject({ code: "model_unavailable" });
    await expectWorstCase();
  });

  it("ends with the caller's own reason", async () => {
    const stop = new AbortController();
    const stream = await client().stream({ ...question, signal: stop.signal });
    const reason = new Error("closed");
    stop.abort(reason);
    await expect(readAll(stream)).rejects.toBe(reason);
    await expectWorstCase();
  });

  it("that no model begins fails as a question does", async () => {
    await fault({ kind: "fail" });
    expect(await failureOf(client().stream(question))).toMatchObject({ code: "model_unavailable" });
    expect(await booked()).toMatchObject([{ state: "released" }]);
  });
});

async function readAll(stream: AiStream): Promise<string> {
  let text = "";
  for await (const part of stream.text) text += part;
  return text;
}

async function expectWorstCase(): Promise<void> {
  const [call] = await booked();
  expect(call).toMatchObject({ state: "settled", cost: call?.worst_case });
}

describe("embeddings", () => {
  it("of 250 texts come in three calls, in order", async () => {
    const texts = Array.from({ length: 250 }, (_, number) => `Parcel number ${number} came late.`);
    const answer = await client({ gateway: patient }).embed(texts);
    expect(answer.value).toHaveLength(250);
    const [alone] = (await client({ gateway: patient }).embed([texts[249] ?? ""])).value;
    const difference = (answer.value[249] ?? []).map((number, index) => Math.abs(number - (alone?.[index] ?? 9)));
    expect(Math.max(...difference)).toBeLessThan(1e-3);
    const calls = await booked();
    expect(calls.map(({ state }) => state)).toEqual(["settled", "settled", "settled", "settled"]);
    expect(answer.costNano).toBe(calls.slice(0, 3).reduce((sum, call) => sum + (call.cost ?? 0), 0));
  });

  it("of no texts cost nothing", async () => {
    expect(await client().embed([])).toMatchObject({ value: [], costNano: 0 });
    expect(await booked()).toEqual([]);
  });
});

/** Embeddings and pictures are computed here, which takes a busy machine its time. */
const patient = { ...gateway, models: gateway.models.map((model) => ({ ...model, timeoutMs: 30_000 })) };

describe("a picture", () => {
  it("is a JPEG at its list price", async () => {
    const answer = await client({ gateway: patient }).image({ prompt: "a red parcel", steps: 2 });
    expect([...answer.value.slice(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(answer.costNano).toBe(4 * 52_800 + 2 * 105_600);
    expect(await booked()).toMatchObject([{ state: "settled", cost: answer.costNano }]);
  });

  it("is refused with more steps than the model takes", async () => {
    await expect(client().image({ prompt: "x", steps: 9 })).rejects.toThrow(/1 to 8/);
    expect(await booked()).toEqual([]);
  });
});

describe("a client", () => {
  it("is not made for a model without a price", () => {
    const models = [{ model: "acme/one", attempts: 1, timeoutMs: 1_000 }];
    expect(() => client({ gateway: { ...gateway, models } })).toThrow(/acme\/one has no price/);
  });

  it("is not made with metadata that the gateway would drop", () => {
    expect(() => client({ job: "j", metadata: { a: 1, b: 2, c: 3 } })).toThrow(/5 entries, not 6/);
    expect(() => client({ metadata: { a: Number.NaN } })).toThrow(/"a" has to be/);
  });
});
