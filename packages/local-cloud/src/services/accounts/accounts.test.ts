import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

it("lists accounts by pages and reads one", async () => {
  const { client, accountId } = cloud;
  const found = [];
  for await (const account of client.accounts.list({ per_page: 1 })) found.push(account);
  expect(found).toEqual([expect.objectContaining({ id: accountId, type: "standard", created_on: expect.any(String) })]);
  expect(await client.accounts.get({ account_id: accountId })).toEqual(found[0]);
});

it("refuses an account that is not there", async () => {
  const { client } = cloud;
  const refusal = (status: number, code: number) => ({ status, errors: [expect.objectContaining({ code })] });
  await expect(client.accounts.get({ account_id: "f".repeat(32) })).rejects.toMatchObject(refusal(403, 9109));
  await expect(client.accounts.get({ account_id: "mine" })).rejects.toMatchObject(refusal(404, 7003));
});

it("knows the user, the memberships and the token", async () => {
  const { client, accountId } = cloud;
  expect(await client.user.get()).toMatchObject({ id: expect.any(String), email: expect.any(String) });
  expect(await client.user.tokens.verify()).toMatchObject({ status: "active" });
  expect(await client.accounts.tokens.verify({ account_id: accountId })).toMatchObject({ status: "active" });
  const { result } = await client.memberships.list();
  expect(result).toMatchObject([{ status: "accepted", account: { id: accountId } }]);
});
