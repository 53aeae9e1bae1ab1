import { statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { startTestCloud, uploadForm } from "./cloud-fixture.ts";

/** A request with any Host header, which `fetch` does not allow. */
function requestAs(
  host: string,
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { ...headers, host } }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the API's door", () => {
  it("wants the token", async () => {
    const { cloud } = await startTestCloud();
    const status = async (headers: Record<string, string>) => {
      const response = await fetch(`${cloud.apiUrl}/accounts`, { headers });
      const { errors } = (await response.json()) as { errors: { code: number }[] };
      return [response.status, errors[0]?.code];
    };
    expect(await status({})).toEqual([401, 10000]);
    expect(await status({ authorization: "Bearer wrong" })).toEqual([403, 10000]);
    expect(await status({ authorization: `Bearer ${cloud.token}` })).toEqual([200, undefined]);
    expect(cloud.token).toMatch(/^[0-9A-Za-z_-]{40,80}$/);
  });

  it("answers only at this machine's names", async () => {
    const { cloud } = await startTestCloud();
    const authorization = `Bearer ${cloud.token}`;
    const status = async (host: string) =>
      (await requestAs(host, `${cloud.apiUrl}/accounts`, { authorization })).status;
    for (const host of ["127.0.0.1", "localhost:1234", "[::1]:8787"]) expect(await status(host)).toBe(200);
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
      expect(await status(host)).toBe(403);
  });

  it("names what it does not have, and refuses unknown accounts", async () => {
    const { api, cloud } = await startTestCloud();
    const unknown = await api("GET", "/images/v1");
    expect([unknown.status, unknown.errors[0]?.message]).toEqual([
      501,
      expect.stringContaining("GET /accounts/{account_id}/images/v1"),
    ]);
    const authorization = `Bearer ${cloud.token}`;
    const foreign = await fetch(`${cloud.apiUrl}/accounts/${"f".repeat(32)}/workers/scripts`, {
      headers: { authorization },
    });
    expect(foreign.status).toBe(403);
  });

  it("keeps token and key where only their owner reads them", async () => {
    const { directory } = await startTestCloud();
    for (const file of ["token", "secret.key"]) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  });
});

describe("accounts", () => {
  it("do not end each other's tails, and keep their workers.dev name", async () => {
    const { cloud, api, upload, accountId } = await startTestCloud();
    const other = cloud.account({ name: "other" });
    const headers = { authorization: `Bearer ${cloud.token}` };
    await upload("w", `export default { fetch: () => new Response("ok") };`);
    const form = uploadForm(`export default { fetch: () => new Response("theirs") };`);
    await fetch(`${cloud.apiUrl}/accounts/${other.id}/workers/scripts/w`, { method: "PUT", headers, body: form });
    const { result: tail } = await api<{ id: string }>("POST", "/workers/scripts/w/tails");
    const path = `/workers/scripts/w/tails/${tail.id}`;
    const foreign = await fetch(`${cloud.apiUrl}/accounts/${other.id}${path}`, { method: "DELETE", headers });
    expect(foreign.status).toBe(404);
    expect((await api("GET", "/workers/scripts/w/tails")).result).toHaveLength(1);
    expect((await api("DELETE", path)).status).toBe(200);

    const subdomain = `local-${accountId.slice(0, 8)}`;
    expect((await api("PUT", "/workers/subdomain", { subdomain })).result).toEqual({ subdomain });
    expect((await api("PUT", "/workers/subdomain", { subdomain: "mine" })).status).toBe(501);
  });
});

describe("custom domains", () => {
  it("are answered at the cloud's address by their Host header", async () => {
    const { cloud, client, upload, accountId, api, fetch: ask } = await startTestCloud();
    await upload("w", `export default { fetch: (request) => new Response("at " + new URL(request.url).hostname) };`);
    await upload("caller", `export default { fetch: () => fetch("https://app.example.com/") };`);
    const domain = await client.workers.domains.update({
      account_id: accountId,
      hostname: "app.example.com",
      service: "w",
      zone_id: "z",
    });
    expect(domain).toMatchObject({ hostname: "app.example.com", service: "w", environment: "production" });
    expect(await requestAs("app.example.com", cloud.url)).toEqual({ status: 200, body: "at app.example.com" });
    expect(await (await ask("caller")).text()).toBe("at app.example.com");
    expect((await api("PUT", "/workers/domains", { hostname: "not a host", service: "w" })).status).toBe(400);
    expect((await api("PUT", "/workers/domains", { hostname: "b.example.com", service: "gone" })).status).toBe(404);
    expect((await api("DELETE", "/workers/scripts/w")).errors[0]?.message).toContain("app.example.com");
    expect((await api("DELETE", `/workers/domains/${domain.id}`)).status).toBe(200);
    expect((await requestAs("app.example.com", cloud.url)).status).toBe(403);
  });
});

describe("reset", () => {
  it("empties one account and leaves the others", async () => {
    const { cloud, api, upload, accountId, fetch: ask } = await startTestCloud();
    const other = cloud.account({ name: "other", plan: "paid" });
    const authorization = `Bearer ${cloud.token}`;
    await upload("w", `export default { fetch: () => new Response("ok") };`);
    await (await ask("w")).text();
    const kv = { method: "POST", headers: { authorization }, body: JSON.stringify({ title: "kept" }) };
    await fetch(`${cloud.apiUrl}/accounts/${other.id}/storage/kv/namespaces`, kv);
    const reset = { method: "POST", headers: { authorization }, body: JSON.stringify({ account: accountId }) };
    expect((await fetch(`${cloud.url}/_local/reset`, reset)).status).toBe(200);
    expect((await api("GET", "/workers/scripts")).result).toEqual([]);
    expect(cloud.workerUrl(accountId, "w")).toBeUndefined();
    const kept = await fetch(`${cloud.apiUrl}/accounts/${other.id}/storage/kv/namespaces`, {
      headers: { authorization },
    });
    expect(((await kept.json()) as { result: unknown[] }).result).toHaveLength(1);
    expect((await upload("w", `export default { fetch: () => new Response("again") };`)).status).toBe(200);
    expect(await (await ask("w")).text()).toBe("again");
  });
});

describe("accounts of a running cloud", () => {
  it("come and go with all that is in them", async () => {
    const { cloud, upload, accountId, fetch: ask } = await startTestCloud();
    await upload("w", `export default { fetch: () => new Response("ok") };`);
    const headers = { authorization: `Bearer ${cloud.token}` };
    const id = "c".repeat(32);
    const make = (body: object) =>
      fetch(`${cloud.url}/_local/accounts`, { method: "POST", headers, body: JSON.stringify(body) });
    const databases = (init: RequestInit = {}) =>
      fetch(`${cloud.apiUrl}/accounts/${id}/d1/database`, { headers, ...init });
    expect((await databases()).status).toBe(403);
    expect(await (await make({ id, name: "acme", plan: "paid" })).json()).toEqual({ id, name: "acme", plan: "paid" });
    expect(await (await make({ id, name: "other" })).json()).toEqual({ id, name: "acme", plan: "paid" });
    expect((await make({ id: "acme", name: "acme" })).status).toBe(400);
    expect((await databases({ method: "POST", body: JSON.stringify({ name: "data" }) })).status).toBe(200);
    const gone = () => fetch(`${cloud.url}/_local/accounts/${id}`, { method: "DELETE", headers });
    expect((await gone()).status).toBe(200);
    expect((await databases()).status).toBe(403);
    expect((await gone()).status).toBe(403);
    await make({ id, name: "acme" });
    expect(((await (await databases()).json()) as { result: unknown[] }).result).toEqual([]);
    expect([accountId, await (await ask("w")).text()]).toEqual([cloud.account({ id: accountId }).id, "ok"]);
  });
});
