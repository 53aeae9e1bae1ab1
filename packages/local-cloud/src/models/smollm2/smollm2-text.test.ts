import { afterEach, expect, it } from "vitest";
import type { TextPart, TextRequest } from "../text-model.ts";
import { type Smollm2Options, type Smollm2Text, smollm2Text } from "./smollm2-text.ts";

const script = new URL("../../../testdata/model-runner.mjs", import.meta.url);
const never = new AbortController().signal;
const open: Smollm2Text[] = [];

afterEach(async () => {
  for (const model of open.splice(0)) await model.close();
});

function fake(options: Partial<Smollm2Options> = {}): Smollm2Text {
  const model = smollm2Text({ arguments: [], script, ...options });
  open.push(model);
  return model;
}

const ask = (content: string, rest: Partial<TextRequest> = {}): TextRequest => ({
  model: "@cf/meta/llama-3.1-8b-instruct",
  messages: [{ role: "user", content }],
  maxTokens: 20,
  format: { type: "text" },
  ...rest,
});

/** The process that answered, and what it was asked. */
async function echo(
  model: Smollm2Text,
  request = ask("echo"),
): Promise<{ pid: number; asked: Record<string, unknown> }> {
  const { text } = await model.complete(request, never);
  const [pid = "", ...rest] = text.split(" ");
  return { pid: Number(pid), asked: JSON.parse(rest.join(" ")) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it("starts its process at the first call and keeps it for the next", async () => {
  const model = fake();
  expect(model.pid()).toBeUndefined();
  const first = await echo(model);
  expect((await echo(model)).pid).toBe(first.pid);
  expect(model.pid()).toBe(first.pid);
});

it("passes messages, limits and the grammar on, and answers with the runner's own count of tokens", async () => {
  const model = fake();
  const { asked } = await echo(model, ask("echo", { format: { type: "json_object" } }));
  expect(asked).toMatchObject({
    messages: [{ role: "user", content: "echo" }],
    maxTokens: 20,
    temperature: 0.6,
    grammar: { type: "json" },
  });
  const { usage, finishReason } = await model.complete(ask("echo"), never);
  expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
  expect(finishReason).toBe("stop");
});

it("hands stop texts and a seed on", async () => {
  const { asked } = await echo(fake(), ask("echo", { stop: ["END", ""], seed: 7 }));
  expect(asked).toMatchObject({ stop: ["END"], seed: 7 });
});

it("says that it calls no tools, and answers where none is to be called", async () => {
  const tools = [{ name: "clock", description: "Tells the time", parameters: { type: "object" } }];
  await expect(fake().complete(ask("echo", { tools }), never)).rejects.toMatchObject({ status: 501, code: 7501 });
  expect((await echo(fake(), ask("echo", { tools, toolChoice: "none" }))).asked).not.toHaveProperty("tools");
});

it("hands a JSON schema on as a grammar's schema", async () => {
  const schema = { type: "object", properties: { n: { type: "integer", minimum: 3 } }, required: ["n"] };
  const { asked } = await echo(fake(), ask("echo", { format: { type: "json_schema", schema } }));
  expect(asked["grammar"]).toEqual({
    type: "schema",
    schema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false },
  });
});

it("fails the call that the process crashed in, says why, and starts it again for the next", async () => {
  const model = fake();
  const first = await echo(model);
  await expect(model.complete(ask("crash"), never)).rejects.toMatchObject({
    code: 3043,
    message: expect.stringMatching(/exit code 7 \(ggml error: no such tensor\); the next call starts it again/),
  });
  expect((await echo(model)).pid).not.toBe(first.pid);
});

it("says so when the process cannot load the model", async () => {
  const model = fake({ arguments: ["does-not-load"] });
  await expect(model.complete(ask("echo"), never)).rejects.toMatchObject({
    code: 3043,
    message: expect.stringContaining("exit code 3"),
  });
});

it("kills a process that hangs, and goes on with a new one", async () => {
  const model = fake({ silence: 3000 });
  const { pid } = await echo(model);
  await expect(model.complete(ask("hang"), never)).rejects.toMatchObject({ code: 3007, status: 408 });
  expect(isAlive(pid)).toBe(false);
  expect((await echo(model)).pid).not.toBe(pid);
});

it("refuses a prompt that is too long as the caller's error", async () => {
  await expect(fake().complete(ask("too long"), never)).rejects.toMatchObject({ code: 5004, status: 400 });
});

it("ends an aborted answer and keeps the process", async () => {
  const model = fake();
  const { pid } = await echo(model);
  const abort = new AbortController();
  const parts: TextPart[] = [];
  const reading = (async () => {
    for await (const part of model.stream(ask("count"), abort.signal)) {
      parts.push(part);
      if (parts.length === 3) abort.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 3007 });
  expect(parts).toHaveLength(3);
  expect((await echo(model)).pid).toBe(pid);
});

it("ends the answer when its reader leaves", async () => {
  const model = fake();
  const { pid } = await echo(model);
  for await (const part of model.stream(ask("count"), never)) if (part.type === "text") break;
  expect((await echo(model)).pid).toBe(pid);
});

it("kills a process that does not stop when asked", async () => {
  const model = fake({ grace: 50 });
  const { pid } = await echo(model);
  for await (const part of model.stream(ask("deaf"), never)) if (part.type === "text") break;
  expect(isAlive(pid)).toBe(false);
  expect((await echo(model)).pid).not.toBe(pid);
});

it("answers one at a time, lets so many wait, and has no capacity for more", async () => {
  const model = fake({ places: 1 });
  const first = model.stream(ask("count"), never)[Symbol.asyncIterator]();
  await first.next();
  let answered = false;
  const second = model.complete(ask("echo"), never).then(() => {
    answered = true;
  });
  await expect(model.complete(ask("echo"), never)).rejects.toMatchObject({ code: 3040, status: 429 });
  await first.next();
  expect(answered).toBe(false);
  await first.return?.();
  await second;
  expect(answered).toBe(true);
});

it("lets a call that waits for its turn be aborted", async () => {
  const model = fake({ places: 1 });
  const first = model.stream(ask("count"), never)[Symbol.asyncIterator]();
  await first.next();
  const abort = new AbortController();
  const second = model.complete(ask("echo"), abort.signal);
  abort.abort();
  await expect(second).rejects.toMatchObject({ code: 3007 });
  const third = model.complete(ask("echo"), never);
  await first.return?.();
  expect((await third).finishReason).toBe("stop");
});

it("leaves no process behind when it is closed in the middle of an answer", async () => {
  const model = fake();
  const { pid } = await echo(model);
  const counting = (async () => {
    for await (const part of model.stream(ask("count"), never)) if (part.type === "text") await model.close();
  })();
  await expect(counting).rejects.toMatchObject({ code: 3043 });
  expect(isAlive(pid)).toBe(false);
  await expect(model.complete(ask("echo"), never)).rejects.toMatchObject({ code: 3043 });
});
