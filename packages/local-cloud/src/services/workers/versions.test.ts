import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startTestCloud, uploadForm } from "../../cloud-fixture.ts";

const says = (text: string) => `export default { fetch: (request, env) => new Response("${text}" + (env.S ?? "")) };`;

describe("versions and deployments", () => {
  it("splits requests between two versions, and goes back", async () => {
    const { api, client, upload, fetch, accountId } = await startTestCloud();
    await upload("w", says("one"));
    const two = await api<{ id: string; resources: { script: { etag: string } } }>(
      "POST",
      "/workers/scripts/w/versions",
      uploadForm(says("two")),
    );
    expect(two.result.resources.script.etag).toMatch(/^[0-9a-f]{64}$/);
    expect(await (await fetch("w")).text()).toBe("one");
    const versions = await client.workers.scripts.versions.list("w", { account_id: accountId });
    const [newest, oldest] = versions.result.items ?? [];
    const split = [
      { version_id: String(newest?.id), percentage: 50 },
      { version_id: String(oldest?.id), percentage: 50 },
    ];
    await client.workers.scripts.deployments.create("w", {
      account_id: accountId,
      strategy: "percentage",
      versions: split,
    });
    const seen = new Set<string>();
    for (let request = 0; request < 40; request += 1) seen.add(await (await fetch("w")).text());
    expect([...seen].sort()).toEqual(["one", "two"]);
    const all = [{ version_id: String(oldest?.id), percentage: 100 }];
    expect(
      (await api("POST", "/workers/scripts/w/deployments", { strategy: "percentage", versions: all })).status,
    ).toBe(200);
    expect(await (await fetch("w")).text()).toBe("one");
    const list = await api<{ deployments: unknown[] }>("GET", "/workers/scripts/w/deployments");
    expect(list.result.deployments).toHaveLength(3);
  });

  it.each([
    ["percentages that do not add up", [{ version_id: "$", percentage: 60 }], 10093],
    ["an unknown version", [{ version_id: "gone", percentage: 100 }], 10092],
  ])("refuses %s", async (_, versions, code) => {
    const { api, upload } = await startTestCloud();
    await upload("w", says("one"));
    const list = await api<{ items: { id: string }[] }>("GET", "/workers/scripts/w/versions");
    const known = list.result.items[0]?.id ?? "";
    const wanted = versions.map((version) => ({ ...version, version_id: version.version_id.replace("$", known) }));
    expect(
      (await api("POST", "/workers/scripts/w/deployments", { strategy: "percentage", versions: wanted })).errors[0]
        ?.code,
    ).toBe(code);
  });

  it("refuses to edit a secret while another version is deployed, as Cloudflare does", async () => {
    const { api, upload } = await startTestCloud();
    await upload("w", says("one"));
    await api("POST", "/workers/scripts/w/versions", uploadForm(says("two")));
    const refused = await api("PUT", "/workers/scripts/w/secrets", { name: "S", text: "s", type: "secret_text" });
    expect(refused.errors[0]?.code).toBe(10215);
  });
});

describe("secrets", () => {
  it("reach the Worker, are listed by name, and are unreadable in the store", async () => {
    const { api, client, upload, fetch, accountId, directory, cloud } = await startTestCloud();
    await upload("w", says("says "));
    const secret = { account_id: accountId, name: "S", text: "very-secret-text", type: "secret_text" } as const;
    await client.workers.scripts.secrets.update("w", secret);
    expect(await (await fetch("w")).text()).toBe("says very-secret-text");
    expect((await api("GET", "/workers/scripts/w/secrets")).result).toEqual([{ name: "S", type: "secret_text" }]);
    for (const path of ["settings", "versions", "secrets"])
      expect((await api("GET", `/workers/scripts/w/${path}`)).body).not.toContain("very-secret-text");
    await client.workers.scripts.secrets.delete("S", { account_id: accountId, script_name: "w" });
    expect(await (await fetch("w")).text()).toBe("says ");
    expect((await api("DELETE", "/workers/scripts/w/secrets/S")).status).toBe(404);
    await cloud.close();
    for (const file of ["cloud.sqlite"])
      expect(readFileSync(join(directory, file)).includes("very-secret-text")).toBe(false);
  });
});
