import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createCloud } from "../cloud.ts";

const directory = mkdtempSync(join(tmpdir(), "tenner-console-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("lets a visitor in by the cloud's link, also after a restart, and nobody under another name", async () => {
  const first = await createCloud({ directory, port: 0 });
  const port = Number(new URL(first.url).port);
  const entered = await get(first.consoleUrl());
  const cookie = entered.cookie ?? "";
  expect(entered).toMatchObject({ status: 303, location: "/" });
  expect(await get(`${first.url}/`, { cookie })).toMatchObject({ status: 200 });
  expect(await get(`${first.url}/`)).toMatchObject({ status: 401 });
  expect(await get(`${first.url}/_local/health`, { host: `evil.example:${port}` })).toMatchObject({ status: 403 });
  expect(await get(`${first.url}/`, { cookie, host: `evil.example:${port}` })).toMatchObject({ status: 403 });
  const unused = first.consoleUrl();
  await first.close();

  const second = await createCloud({ directory, port });
  expect(await get(`${second.url}/_local/workers`, { cookie })).toMatchObject({ status: 200 });
  expect((await get(unused)).cookie, "links do not outlive the cloud").toBeUndefined();
  await second.close();
});

/** `fetch` would not let a test choose the Host. */
function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; location: string | undefined; cookie: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, (answer) => {
      answer.resume();
      const cookie = answer.headers["set-cookie"]?.[0]?.split(";")[0];
      resolve({ status: answer.statusCode, location: answer.headers.location, cookie });
    });
    sent.once("error", reject).end();
  });
}
