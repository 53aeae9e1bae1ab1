import { expect, it } from "vitest";
import { FLUX, workersAiFixture } from "./workers-ai-fixture.ts";

const LLAMA_70B = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";

const { cloud, run } = workersAiFixture("free");
const local = (path: string, body: object) =>
  fetch(`${cloud().cloud.url}/_local/${path}`, {
    method: "POST",
    headers: { ...cloud().authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const usedUp = { status: 429, errors: [{ code: 3036, message: expect.stringContaining("10,000 neurons") }] };
/** A prompt of 400,000 tokens: $0.117, which is 10,654 neurons. */
const huge = { prompt: "x".repeat(1_600_000), max_tokens: 1 };

it("gives the free plan its neurons by the day and the account, and the paid plan all it wants", async () => {
  const other = cloud().cloud.account({ name: "other", plan: "free" }).id;
  const paid = cloud().cloud.account({ name: "paid", plan: "paid" }).id;
  // The call that crosses the line is answered.
  for (const account of [cloud().accountId, paid]) expect(await run(LLAMA_70B, huge, account)).toBeTruthy();
  await expect(run(LLAMA_70B, { prompt: "x" })).rejects.toMatchObject(usedUp);
  await expect(run(FLUX, { prompt: "x" })).rejects.toMatchObject(usedUp);
  expect(await run(LLAMA_70B, { prompt: "x" }, other)).toBeTruthy();
  expect(await run(LLAMA_70B, { prompt: "x" }, paid)).toBeTruthy();

  await local("clock", { advance: "24h" });
  expect(await run(LLAMA_70B, { prompt: "x" })).toBeTruthy();

  await run(LLAMA_70B, huge);
  await expect(run(LLAMA_70B, { prompt: "x" })).rejects.toMatchObject(usedUp);
  await local("reset", { account: cloud().accountId });
  expect(await run(LLAMA_70B, { prompt: "x" })).toBeTruthy();
});
