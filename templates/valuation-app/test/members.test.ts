import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import shared from "../../../packages/worker-kit/migrations/access/0001_access.sql?raw";
import own from "../migrations/0003_access.sql?raw";
import { ValuationStore } from "../src/adapters/valuation-store.ts";
import worker from "../src/index.ts";
import { memberOf, signIn, signOut } from "../src/member.ts";
import { submitForm } from "../src/submit-form.ts";
import { migrate, thing } from "./harness.ts";
import { sharedSigner, signToken } from "./sign-token.ts";

beforeAll(migrate);

const HOME = "https://valuation-app.test/";
const SECRET = "a secret that both sides know, in the tests";
const issuers = [{ issuer: "https://auth.example", audience: "tenner", algorithm: "HS256" }];
// Settings that are an object of their own: nothing is held of another test.
const withIssuer = () => ({ ...env, JWT_SECRET: SECRET, SETTINGS: { ...env.SETTINGS, access: { jwt: { issuers } } } });
const tokenOf = async (sub: string, more: object = {}) =>
  signToken(await sharedSigner(SECRET), {
    iss: "https://auth.example",
    aud: "tenner",
    sub,
    tenant: "museum",
    exp: Math.floor(Date.now() / 1_000) + 600,
    ...more,
  });
const visitor = () => ({ id: `visitor:${crypto.randomUUID().replaceAll("-", "")}`, authStatus: "visitor" }) as const;
const browser = (cookie: string) => new Request(HOME, { headers: { cookie: cookie.split(";")[0] ?? "" } });

async function signedIn(bound: Env, token: string, before = visitor()): Promise<string> {
  const result = await signIn(bound, token, new Request(HOME), before);
  if (!result.ok) throw new Error(result.problem);
  return result.cookie;
}

describe("a member", () => {
  it("is known by the issuer’s token in a cookie that no script reads, the same in every browser", async () => {
    const bound = withIssuer();
    const cookie = await signedIn(bound, await tokenOf("ada"));
    expect(cookie).toMatch(/^member_\w+=.+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const known = await memberOf(browser(cookie), bound);
    expect(known).toMatchObject({ kind: "member", member: { tenant: "museum", owner: { authStatus: "member" } } });
    expect(await memberOf(browser(await signedIn(bound, await tokenOf("ada"))), bound)).toEqual(known);
    expect(await memberOf(browser(await signedIn(bound, await tokenOf("bob"))), bound)).not.toEqual(known);
  });

  it("takes along what was appraised before signing in", async () => {
    const bound = withIssuer();
    const before = visitor();
    const fields = { description: thing("[[no-picture]]"), category: "book", submission: undefined };
    const made = await submitForm(bound, fields, new Request(HOME), before);
    if (!made.ok) throw new Error(JSON.stringify(made));
    const known = await memberOf(browser(await signedIn(bound, await tokenOf("carl"), before)), bound);
    if (known.kind !== "member") throw new Error(known.kind);
    const store = new ValuationStore(env.DB);
    expect((await store.list(known.member.owner.id, { limit: 5 })).map(({ id }) => id)).toEqual([made.id]);
    expect(await store.list(before.id, { limit: 5 })).toEqual([]);
    const row = await env.DB.prepare("SELECT auth_status FROM valuations WHERE id = ?").bind(made.id).first();
    expect(row).toEqual({ auth_status: "member" });
  });

  it.each([
    ["one that is over", { exp: 1_000 }, "it has expired"],
    ["one for somebody else", { aud: "another" }, 'its claim "aud" is not the right one'],
    ["one without a tenant", { tenant: undefined }, "names no tenant"],
  ])("does not come in with %s", async (_, claims, problem) => {
    const result = await signIn(withIssuer(), await tokenOf("eve", claims), new Request(HOME), visitor());
    expect(result).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it("does not come in with nothing, with prose, or with what no browser keeps", async () => {
    for (const token of [undefined, " ", "let me in", "x".repeat(5_000)]) {
      expect(await signIn(withIssuer(), token, new Request(HOME), visitor())).toMatchObject({ ok: false });
    }
    expect(await signIn(env, await tokenOf("ada"), new Request(HOME), visitor())).toMatchObject({ ok: false });
  });

  it("is a visitor again after signing out, when the token is revoked, and in a stack without issuers", async () => {
    const bound = withIssuer();
    const token = await tokenOf("dora", { jti: crypto.randomUUID() });
    const cookie = await signedIn(bound, token);
    expect(await memberOf(browser(await signOut(bound, new Request(HOME))), bound)).toEqual({ kind: "none" });
    expect(await memberOf(browser(cookie), env)).toEqual({ kind: "none" });
    const revoked = await ask(bound, "POST", "/v1/tokens/revoke", token, { token });
    expect(revoked.status).toBe(200);
    expect(await memberOf(browser(cookie), bound)).toMatchObject({
      kind: "ended",
      endCookie: expect.stringContaining("Max-Age=0"),
    });
  });

  it("has the same valuations through the API, and nobody else’s", async () => {
    const bound = withIssuer();
    const token = await tokenOf("finn");
    const made = await ask(bound, "POST", "/v1/valuations", token, {
      description: thing("[[no-picture]]"),
      category: "book",
    });
    expect(made.status).toBe(201);
    const { id } = await made.json<{ id: string }>();
    const listed = async (as: string) =>
      (await (await ask(bound, "GET", "/v1/valuations", as)).json<{ valuations: { id: string }[] }>()).valuations;
    expect(await listed(token)).toMatchObject([{ id }]);
    expect(await listed(await tokenOf("gwen"))).toEqual([]);
    const known = await memberOf(browser(await signedIn(bound, token)), bound);
    expect(await new ValuationStore(env.DB).find(id)).toMatchObject({
      owner: known.kind === "member" ? known.member.owner.id : known.kind,
    });
    expect((await ask(bound, "DELETE", `/v1/valuations/${id}`, await tokenOf("gwen"))).status).toBe(404);
  });
});

it("has the tables that tokens need", () => {
  expect(own).toBe(shared);
});

async function ask(bound: Env, method: string, path: string, token: string, body?: object): Promise<Response> {
  const request = new Request(new URL(path, HOME), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  }) as Parameters<typeof worker.fetch>[0]; // where it came from is not asked
  return worker.fetch(request, bound, createExecutionContext());
}
