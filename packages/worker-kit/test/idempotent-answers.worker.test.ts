import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import table from "../migrations/idempotent-answers/0001_idempotent_answers.sql?raw";
import { answerOnce, forgetAnswers } from "../src/idempotent-answers.ts";
import { Problem } from "../src/problem.ts";

const MINUTE = 60_000;
let done = 0;

beforeEach(async () => {
  done = 0;
  await env.LEDGER.prepare("DROP TABLE IF EXISTS idempotent_answers").run();
  for (const statement of table
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .filter((each) => each.trim() !== "")) {
    await env.LEDGER.prepare(statement).run();
  }
});

const request = { tenant: "ann", key: "k", operation: "POST /v1/x", body: { a: 1, b: 2 }, at: 0 };
const send = (more: Partial<typeof request> | { key: null } = {}) =>
  answerOnce(env.LEDGER, { ...request, ...more }, () => Promise.resolve({ status: 202, body: { done: ++done } }));
const code = (sent: Promise<Response>) =>
  sent.then(
    (response) => response.status,
    (error: unknown) => (error instanceof Problem ? error.code : error),
  );

it("does a repeated request once and gives the same answer", async () => {
  const first = await send();
  const again = await send({ body: { b: 2, a: 1 } });
  expect([await first.json(), await again.json()]).toEqual([{ done: 1 }, { done: 1 }]);
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([202, "true"]);
});

it("does every request without a key", async () => {
  await send({ key: null });
  expect(await (await send({ key: null })).json()).toEqual({ done: 2 });
});

it.each([
  ["another body", { body: { a: 2, b: 2 } }],
  ["another operation", { operation: "POST /v1/y" }],
])("refuses the key with %s", async (_, more) => {
  await send();
  expect(await code(send(more))).toBe("idempotency_conflict");
});

it("keeps tenants' keys apart", async () => {
  await send();
  expect(await (await send({ tenant: "bob" })).json()).toEqual({ done: 2 });
});

it("does it once when the same request comes many times at once", async () => {
  const codes = await Promise.all(Array.from({ length: 6 }, () => code(send())));
  expect(done).toBe(1);
  expect(codes.filter((each) => each !== 202 && each !== "request_under_way")).toEqual([]);
});

it("lets a failed request be tried again at once", async () => {
  const failing = answerOnce(env.LEDGER, request, () => Promise.reject(new Problem(409, "not_now", "not now")));
  expect(await code(failing)).toBe("not_now");
  expect(await code(send())).toBe(202);
});

it("lets a request that a crash cut off be tried again after a minute", async () => {
  await new Promise<void>((begun) => {
    const crashed = answerOnce(env.LEDGER, request, () => {
      begun();
      return new Promise(() => {});
    });
    crashed.catch(() => {});
  });
  expect(await code(send({ at: MINUTE - 1 }))).toBe("request_under_way");
  expect(await code(send({ at: MINUTE, body: { a: 9, b: 9 } }))).toBe("idempotency_conflict");
  expect(await code(send({ at: MINUTE }))).toBe(202);
  expect(done).toBe(1);
});

it("forgets answers after a day", async () => {
  await send();
  expect(await forgetAnswers(env.LEDGER, 24 * 60 * MINUTE - 1)).toBe(0);
  expect(await forgetAnswers(env.LEDGER, 24 * 60 * MINUTE)).toBe(1);
  expect(await (await send()).json()).toEqual({ done: 2 });
});
