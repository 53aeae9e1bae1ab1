import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { ValuationStore } from "../src/adapters/valuation-store.ts";
import { newSubmission } from "../src/submission-number.ts";
import { submitForm } from "../src/submit-form.ts";
import { visitorOf } from "../src/visitor.ts";
import { asked, migrate, thing } from "./harness.ts";

beforeAll(migrate);

const HOME = "https://valuation-app.test/";
const FAST = "[[no-picture]]";
const owner = { id: "visitor:0123456789abcdef0123456789abcdef", authStatus: "visitor" } as const;
const send = (fields: object, address: string = crypto.randomUUID()) =>
  submitForm(
    env,
    { description: undefined, category: undefined, submission: undefined, ...fields },
    new Request(HOME, { headers: { "cf-connecting-ip": address } }),
    owner,
  );

describe("the form", () => {
  it("makes a valuation of the visitor’s own", async () => {
    const result = await send({ description: thing(FAST), category: "book" });
    if (!result.ok) throw new Error(JSON.stringify(result));
    expect(await new ValuationStore(env.DB).find(result.id)).toMatchObject({ owner: owner.id });
  });

  it("is one valuation when it is sent twice, and another one when it says something else", async () => {
    const form = { description: thing(FAST), category: "book", submission: newSubmission() };
    const first = await send(form);
    expect(await send(form)).toEqual(first);
    expect(await send({ ...form, description: thing(FAST) })).not.toEqual(first);
  });

  it("says what is wrong with each field, in words", async () => {
    expect(await send({})).toEqual({
      ok: false,
      problems: {
        description: "Describe what you own: a few words are enough.",
        category: "Choose what kind of thing it is.",
      },
    });
  });

  it("refuses a kind that it does not have", async () => {
    const refused = { ok: false, problems: { category: "Choose what kind of thing it is." } };
    expect(await send({ description: thing(FAST), category: "spaceship" })).toEqual(refused);
  });

  it("is answered with the estimate when the object that asks the models is ended", async () => {
    const ended = { getByName: () => ({ appraise: () => Promise.reject(new Error("object reset")) }) };
    const bound = { ...env, APPRAISER: ended } as unknown as Env; // all that the Worker calls
    const fields = { description: thing(FAST), category: "book", submission: newSubmission() };
    const result = await submitForm(bound, fields, new Request(HOME), owner);
    expect(result).toMatchObject({ ok: true });
    expect(
      await env.DB.prepare("SELECT origin, reason FROM valuations ORDER BY created_at DESC, id DESC").first(),
    ).toEqual({
      origin: "estimate",
      reason: "internal",
    });
  });

  it("is answered while KV cannot be reached", async () => {
    const broken = { get: () => Promise.reject(new Error("KV GET failed: 503")) } as unknown as KVNamespace; // all that the Worker calls
    const fields = { description: thing(FAST), category: "book", submission: newSubmission() };
    const result = await submitForm({ ...env, ANSWERS: broken }, fields, new Request(HOME), owner);
    expect(result).toMatchObject({ ok: true });
  });

  it("keeps what was written when the database does not answer, and costs nothing the second time", async () => {
    const description = thing(FAST);
    const prepare = (sql: string) => {
      if (sql.startsWith("INSERT INTO valuations")) throw new Error("D1_ERROR: busy");
      return env.DB.prepare(sql);
    };
    const broken = Object.create(env.DB, { prepare: { value: prepare } });
    const fields = { description, category: "book", submission: newSubmission() };
    const failed = await submitForm({ ...env, DB: broken }, fields, new Request(HOME), owner);
    expect(failed).toEqual({ ok: false, problems: { form: expect.stringContaining("What you wrote is still here") } });
    expect(await send(fields)).toMatchObject({ ok: true });
    expect(await asked(description)).toMatchObject({ calls: 1 });
  });

  it("is not taken more often from one address than the limit says", async () => {
    const results = [];
    for (let sent = 0; sent < 70; sent++)
      results.push(await send({ description: "the same lamp [[no-picture]]", category: "tool" }, "one address"));
    expect(results.filter(({ ok }) => ok).length).toBeLessThanOrEqual(60);
    expect(results.at(-1)).toMatchObject({ ok: false, problems: { form: expect.stringContaining("Wait a moment") } });
  });
});

describe("a visitor", () => {
  const known = async (cookie: string) => visitorOf(new Request(HOME, { headers: { cookie } }), "key of this stack");

  it("is known again by the cookie, and by no other one", async () => {
    const first = await visitorOf(new Request(HOME), "key of this stack");
    const cookie = first.newCookie?.split(";")[0] ?? "";
    expect(first.newCookie).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
    expect(await known(`theme=dark; ${cookie}`)).toEqual({ owner: first.owner, newCookie: null });
    const forged = cookie.replace(/=[0-9a-f]{4}/, "=0000");
    expect((await known(forged)).owner.id).not.toBe(first.owner.id);
    expect((await visitorOf(new Request(HOME, { headers: { cookie } }), "another key")).owner.id).not.toBe(
      first.owner.id,
    );
  });
});

describe("a page’s address", () => {
  const post = (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer> = "description=x") =>
    exports.default.fetch(HOME, { method: "POST", headers, body });

  it("takes no form of another site", async () => {
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await post({ origin: "https://valuation-app.test" })).status).toBe(501);
  });

  it("takes no body without end", async () => {
    expect((await post({}, new Uint8Array(70_000))).status).toBe(413);
  });

  it("lets a script through by its nonce only, a new one each time", async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => (await exports.default.fetch(HOME)).headers.get("content-security-policy") ?? ""),
    );
    const nonces = policies.map((policy) => /script-src 'self' 'nonce-([\w+/]{22}==)';/.exec(policy)?.[1]);
    expect(nonces[0]).toBeDefined();
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(policies[0]).toContain("default-src 'none'");
    expect(policies[0]).not.toMatch(/script-src[^;]*unsafe|style-src 'unsafe/);
  });
});
