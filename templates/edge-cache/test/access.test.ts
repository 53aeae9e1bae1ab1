import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import OpenAI from "openai";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import sharedTables from "../../../packages/worker-kit/migrations/access/0001_access.sql?raw";
import sharedKeys from "../../../packages/worker-kit/migrations/api-keys/0001_api_keys.sql?raw";
import ownKeys from "../migrations/0001_api_keys.sql?raw";
import ownTables from "../migrations/0008_access.sql?raw";
import { CACHE_HEADERS } from "../src/endpoints/chat-completions.ts";
import worker from "../src/index.ts";
import { scheduled } from "../src/scheduled.ts";
import { api, ask, asking, booked, callsWith, keyOf, migrate, newQuestion } from "./harness.ts";
import { keySigner, type Signer, sharedSigner, signToken } from "./sign-token.ts";

const SECRET = "a secret that both sides know, in the tests";
const ISSUER = "https://auth.example";
const SHOP = "https://shop.example";

beforeAll(migrate);
afterEach(() => {
  vi.useRealTimers();
});

const settingsWith = (access: object, more: object = {}) => ({ ...env.SETTINGS, access, ...more });
const HS256 = { issuer: ISSUER, audience: "tenner", algorithm: "HS256", adminScope: "tenner:admin" };
const withIssuer = () => settingsWith({ jwt: { issuers: [HS256] } });

interface CallOptions {
  readonly settings: object;
  readonly authorization?: string | null;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bindings?: object;
}

/** Calls the Worker with settings of its own: an isolate of its own, as far as settings, keys and tokens are held. */
async function call(path: string, { settings, authorization, method, body, headers, bindings }: CallOptions) {
  const request = new Request<unknown, IncomingRequestCfProperties>(`https://edge-cache.test${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(authorization && { authorization }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: body instanceof ReadableStream ? body : JSON.stringify(body) }),
  });
  const bound = { ...env, JWT_SECRET: SECRET, ...bindings, SETTINGS: settings } as Env; // settings of the test's own
  const response = await worker.fetch(request, bound, createExecutionContext());
  const text = await response.text();
  const json: Answered = text.startsWith("{") ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, json };
}

interface Answered {
  readonly code?: string;
  readonly detail?: string;
  readonly tenant?: string;
  readonly within_seconds?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

const claimsOf = (tenant: string, more: object = {}) => ({
  iss: ISSUER,
  aud: "tenner",
  sub: `user of ${tenant}`,
  tenant,
  exp: Math.floor(Date.now() / 1_000) + 600,
  jti: crypto.randomUUID(),
  ...more,
});
const tokenOf = async (tenant: string, more: object = {}, signer?: Signer) =>
  signToken(signer ?? (await sharedSigner(SECRET)), claimsOf(tenant, more));
const chat = (settings: object, token: string, content: string) =>
  call("/v1/chat/completions", { settings, authorization: `Bearer ${token}`, body: asking(content) });
const enter = (settings: object, token: string) => call("/v1/models", { settings, authorization: `Bearer ${token}` });

describe("a token", () => {
  it("asks for its tenant: the same cache, the same books, and not another's", async () => {
    const settings = withIssuer();
    const [question, before] = [newQuestion(), await booked()];
    const first = await chat(settings, await tokenOf("tok-ann"), question);
    expect([first.status, first.headers.get("x-cache")]).toEqual([200, "miss"]);
    expect((await ask(question, {}, { key: await keyOf("tok-ann") })).cache).toBe("hit-exact");
    expect((await chat(settings, await tokenOf("tok-bob"), question)).headers.get("x-cache")).toBe("miss");
    const payers = (await booked(before)).map(({ tenant }) => tenant);
    expect([...new Set(payers)].toSorted()).toEqual(["tok-ann", "tok-bob"]);
  });

  it("manages keys only with the scope that the settings name", async () => {
    const settings = withIssuer();
    const list = async (scope: string) =>
      call("/v1/keys", { settings, authorization: `Bearer ${await tokenOf("tok-ann", { scope })}` });
    expect(await list("admin")).toMatchObject({ status: 403, json: { code: "admin_only" } });
    expect((await list("read tenner:admin")).status).toBe(200);
  });

  it("counts against its subject's limit, whichever token it is", async () => {
    const counted: string[] = [];
    const SUBMISSIONS = {
      limit: async ({ key }: { key: string }) => ({ success: counted.push(key) < 3 }),
    };
    const settings = withIssuer();
    for (const status of [200, 200, 429]) {
      const authorization = `Bearer ${await tokenOf("tok-ann")}`;
      const options = { settings, authorization, body: asking(newQuestion()), bindings: { SUBMISSIONS } };
      const answer = await call("/v1/chat/completions", options);
      expect(answer.status).toBe(status);
      if (status === 429) expect(answer.json.error?.code).toBe("rate_limit_exceeded");
    }
    expect(new Set(counted).size).toBe(1);
    expect(counted[0]).toMatch(/^key:jwt_[0-9a-f]{32}$/);
  });

  it("is never taken after its expiry, also when it was just taken", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const settings = withIssuer();
    const token = await tokenOf("tok-ann", { exp: Math.floor(Date.now() / 1_000) + 20 });
    expect((await enter(settings, token)).status).toBe(200);
    vi.setSystemTime(Date.now() + 51_000);
    expect(await enter(settings, token)).toMatchObject({ status: 401, json: { error: { code: "invalid_token" } } });
  });

  it("is nothing where the settings name no issuer", async () => {
    const answer = await enter(settingsWith({}), await tokenOf("tok-ann"));
    expect(answer).toMatchObject({ status: 401, json: { error: { code: "invalid_api_key" } } });
  });

  it.each<[string, (good: string) => { path?: string; authorization?: string | null }, number, string]>([
    [
      "unsigned",
      (good) => ({ authorization: `Bearer ${good.slice(0, good.lastIndexOf(".") + 1)}` }),
      401,
      "invalid_token",
    ],
    ["changed", (good) => ({ authorization: `Bearer ${good.slice(0, -4)}AAAA` }), 401, "invalid_token"],
    ["huge", (good) => ({ authorization: `Bearer ${good}${"A".repeat(100_000)}` }), 401, "invalid_token"],
    ["sent twice", (good) => ({ authorization: `Bearer ${good}, Bearer ${good}` }), 401, "invalid_api_key"],
    ["sent with a key", (good) => ({ authorization: `Bearer ${env.API_KEY}, Bearer ${good}` }), 401, "invalid_api_key"],
    ["of another kind", (good) => ({ authorization: `Basic ${good}` }), 401, "invalid_api_key"],
    ["in the query", (good) => ({ path: `?access_token=${good}`, authorization: null }), 400, "key_in_query"],
    ["in the query by any name", (good) => ({ path: `?t=${good}` }), 400, "key_in_query"],
    ["in the query as a key", () => ({ path: `?API_KEY=${env.API_KEY}`, authorization: null }), 400, "key_in_query"],
  ])("%s lets nobody in", async (_, change, status, code) => {
    const question = newQuestion();
    const good = await tokenOf("tok-ann");
    const { path = "", authorization = `Bearer ${good}` } = change(good);
    const options = { settings: withIssuer(), authorization, body: asking(question) };
    const answer = await call(`/v1/chat/completions${path}`, options);
    expect(answer).toMatchObject({ status, json: { error: { code } } });
    expect(JSON.stringify(answer.json)).not.toContain(good);
    expect(await callsWith(question)).toBe(0);
  });

  it("says by its challenge what is wrong", async () => {
    const { headers } = await enter(withIssuer(), await tokenOf("tok-ann", { aud: "shop" }));
    expect(headers.get("www-authenticate")).toBe(
      `Bearer realm="edge-cache", error="invalid_token", error_description="the token is not taken: its claim 'aud' is not the right one"`,
    );
  });

  it("needs the Worker to have the shared secret", async () => {
    const authorization = `Bearer ${await tokenOf("tok-ann")}`;
    const options = { settings: withIssuer(), authorization, bindings: { JWT_SECRET: undefined } };
    expect(await call("/v1/usage", options)).toMatchObject({ status: 503, json: { code: "issuer_unavailable" } });
  });
});

it("lets nobody in while what was revoked cannot be known, neither by a token nor by a key", async () => {
  const DB = {
    prepare() {
      throw new Error("the database is away");
    },
  };
  for (const secret of [await tokenOf("tok-ann"), await keyOf("tok-ann")]) {
    const options = { settings: withIssuer(), authorization: `Bearer ${secret}`, bindings: { DB } };
    expect((await call("/v1/models", options)).status).toBe(500);
  }
});

describe("an issuer with a key set", () => {
  const name = crypto.randomUUID();
  const jwksUrl = `${env.TEST_AI_URL}/keys/${name}`;
  const settings = () =>
    settingsWith({
      jwt: { issuers: [{ issuer: ISSUER, audience: "tenner", algorithm: "ES256", jwksUrl }] },
      allowedHosts: [new URL(jwksUrl).host],
    });
  const publish = (...keys: object[]) => fetch(jwksUrl, { method: "POST", body: JSON.stringify({ keys }) });

  it("lets nobody in before it was ever reached, and then an isolate that begins while it is away", async () => {
    const signer = await keySigner("one");
    const token = await tokenOf("tok-keys", {}, signer);
    const away = await enter(settings(), token);
    expect(away).toMatchObject({ status: 503, json: { error: { code: "issuer_unavailable", message: /keys/ } } });
    expect(away.headers.get("retry-after")).toBe("30");
    await publish(signer.publicKey);
    expect((await enter(settings(), token)).status).toBe(200);
    await publish();
    expect((await enter(settings(), token)).status).toBe(200);
    // A key that it does not have is not taken from elsewhere.
    const stranger = await tokenOf("tok-keys", {}, await keySigner("one"));
    expect((await enter(settings(), stranger)).status).toBe(401);
  });

  it("is not asked inside the network unless the settings allow it", async () => {
    const { access, ...rest } = settings();
    const inner = { ...rest, access: { ...access, allowedHosts: ["localhost"] } };
    const issuers = [{ issuer: ISSUER, audience: "tenner", algorithm: "ES256", jwksUrl: "https://10.0.0.1/keys" }];
    const token = await tokenOf("tok-keys", {}, await keySigner("one"));
    expect((await enter({ ...inner, access: { jwt: { issuers } } }, token)).status).toBe(503);
  });
});

describe("a revoked token", () => {
  const revoke = (settings: object, authorization: string, body: object) =>
    call("/v1/tokens/revoke", { settings, authorization: `Bearer ${authorization}`, body });

  it("is taken no more: at once where it was revoked, after five seconds elsewhere", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [here, elsewhere] = [withIssuer(), withIssuer()];
    const token = await tokenOf("rev-ann");
    for (const settings of [here, elsewhere]) expect((await enter(settings, token)).status).toBe(200);
    expect(await revoke(here, token, { token })).toMatchObject({
      status: 200,
      json: { tenant: "rev-ann", within_seconds: 5 },
    });
    const refused = await enter(here, token);
    expect(refused).toMatchObject({ status: 401, json: { error: { message: expect.stringContaining("revoked") } } });
    vi.setSystemTime(Date.now() + 5_000);
    expect((await enter(elsewhere, token)).status).toBe(401);
  });

  it("can be named by its id or its hash, by the tenant's key", async () => {
    const settings = withIssuer();
    const key = await keyOf("rev-bob");
    const [byId, byHash, other] = [
      await tokenOf("rev-bob", { jti: "7" }),
      await tokenOf("rev-bob"),
      await tokenOf("rev-bob"),
    ];
    const sha256 = [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(byHash)))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    expect((await revoke(settings, key, { jti: "7" })).status).toBe(200);
    expect((await revoke(settings, key, { sha256 })).status).toBe(200);
    expect((await enter(settings, byId)).status).toBe(401);
    expect((await enter(settings, byHash)).status).toBe(401);
    expect((await enter(settings, other)).status).toBe(200);
  });

  it("is never another tenant's", async () => {
    const settings = withIssuer();
    const mine = await tokenOf("rev-carol", { jti: "of carol" });
    const key = await keyOf("rev-dave");
    expect((await revoke(settings, key, { token: mine })).status).toBe(403);
    expect((await revoke(settings, key, { jti: "of carol", tenant: "rev-carol" })).status).toBe(403);
    expect((await revoke(settings, key, { jti: "of carol" })).json.tenant).toBe("rev-dave");
    expect((await revoke(settings, await tokenOf("rev-carol"), { jti: "of carol" })).json.code).toBe("key_only");
    expect((await enter(settings, mine)).status).toBe(200);
    expect((await revoke(settings, env.API_KEY, { jti: "of carol", tenant: "rev-carol" })).status).toBe(200);
    expect((await enter(settings, mine)).status).toBe(401);
  });

  it("has to be named, once and rightly", async () => {
    const settings = withIssuer();
    for (const body of [{}, { jti: "1", sha256: "a".repeat(64) }, { token: "a.b.c" }, { jti: "1", issuer: "other" }]) {
      expect((await revoke(settings, env.API_KEY, body)).status).toBe(400);
    }
  });

  it("is forgotten by cron when no such token can be valid", async () => {
    const insert = env.DB.prepare(
      "INSERT INTO revoked_tokens (tenant, kind, issuer, name, revoked_at) VALUES ('rev-eve', 'jti', 'i', ?1, ?2)",
    );
    const day = 86_400_000;
    await env.DB.batch([insert.bind("old", Date.now() - 33 * day), insert.bind("new", Date.now() - 31 * day)]);
    await scheduled(env);
    const { results } = await env.DB.prepare("SELECT name FROM revoked_tokens WHERE tenant = 'rev-eve'").all();
    expect(results).toEqual([{ name: "new" }]);
  });
});

it("a revoked key is taken no more: elsewhere after five seconds", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const key = await keyOf("rev-key");
  const status = async () => (await api("GET", "/v1/usage", { key })).status;
  expect(await status()).toBe(200);
  // As another isolate does it.
  await env.DB.prepare("UPDATE api_keys SET revoked_at = 1 WHERE tenant = 'rev-key'").run();
  vi.setSystemTime(Date.now() + 5_000);
  expect(await status()).toBe(401);
});

describe("a page elsewhere", () => {
  const settings = () => settingsWith({}, { allowedOrigins: [SHOP] });
  const preflight = (origin: string, names: string) =>
    call("/v1/chat/completions", {
      settings: settings(),
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": names },
    });

  it("may send everything that OpenAI's client sends", async () => {
    let sent: string[] = [];
    const client = new OpenAI({
      apiKey: "k",
      organization: "o",
      project: "p",
      baseURL: "https://edge-cache.test/v1",
      dangerouslyAllowBrowser: true,
      maxRetries: 0,
      fetch: async (url, init) => {
        sent = [...new Request(url, init).headers.keys()];
        return Response.json({});
      },
    });
    await client.chat.completions.create(asking("?"), { idempotencyKey: "1", timeout: 1_000 });
    expect(sent.filter((name) => name.startsWith("x-stainless-")).length).toBeGreaterThan(3);
    const names = sent.filter((name) => name !== "accept" && name !== "content-length");
    const { status, headers } = await preflight(SHOP, names.join(","));
    expect([status, headers.get("access-control-allow-origin")]).toEqual([204, SHOP]);
    const allowed = headers.get("access-control-allow-headers")?.split(", ");
    expect(names.filter((name) => !allowed?.includes(name))).toEqual([]);
    expect(headers.get("vary")).toContain("Origin");
  });

  it("may say all that a request can ask of the cache", async () => {
    const { headers } = await preflight(SHOP, Object.keys(CACHE_HEADERS).join(","));
    const allowed = headers.get("access-control-allow-headers")?.split(", ");
    expect(Object.keys(CACHE_HEADERS).filter((name) => !allowed?.includes(name))).toEqual([]);
  });

  it("may not send what nobody expects, and may not send at all from an origin that is not listed", async () => {
    const { headers } = await preflight(SHOP, "x-forwarded-for, x-stainless-, cf-connecting-ip");
    expect(headers.get("access-control-allow-headers")).not.toMatch(/x-forwarded-for|x-stainless|cf-connecting-ip/);
    for (const origin of ["https://evil.example", `${SHOP}.evil.example`, "null", `${SHOP}:444`]) {
      expect((await preflight(origin, "authorization")).headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("reads how it was answered, errors too", async () => {
    for (const authorization of [`Bearer ${env.API_KEY}`, null]) {
      const options = { settings: settings(), authorization, body: asking(newQuestion()), headers: { origin: SHOP } };
      const { headers } = await call("/v1/chat/completions", options);
      expect(headers.get("access-control-allow-origin")).toBe(SHOP);
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      const readable = headers.get("access-control-expose-headers")?.split(", ");
      const names = ["x-cache", "age", "x-cache-key", "x-cost-usd", "x-saved-usd", "x-request-id", "retry-after"];
      expect(readable).toEqual(expect.arrayContaining(names));
    }
  });
});

describe("the border by address", () => {
  const settings = () => settingsWith({ ips: ["203.0.113.0/24", "2001:db8::/32"] });
  const from = (address: string | null, path = "/v1/models") =>
    call(path, {
      settings: settings(),
      authorization: `Bearer ${env.API_KEY}`,
      headers: { "x-forwarded-for": "203.0.113.7", ...(address !== null && { "cf-connecting-ip": address }) },
    });

  it("lets listed addresses in", async () => {
    for (const address of ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"]) {
      expect((await from(address)).status).toBe(200);
    }
  });

  it("keeps all others out, whatever else they say, and who has no address", async () => {
    for (const address of ["203.0.114.7", "2001:db9::7", "203.0.113.7, 8.8.8.8", null]) {
      expect(await from(address)).toMatchObject({ status: 403, json: { error: { code: "address_not_allowed" } } });
    }
    expect(await from("8.8.8.8", "/chat")).toMatchObject({ status: 403, json: { code: "address_not_allowed" } });
    expect((await from("8.8.8.8", "/health")).status).toBe(403);
  });
});

interface Described {
  readonly paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  readonly requestBody?: { readonly content: Record<string, object> };
  readonly responses: Record<string, { readonly content?: Record<string, { schema: { $ref?: string } }> }>;
}

describe("the description", () => {
  const operations = async () => {
    const { paths } = await (await api("GET", "/openapi.json")).json<Described>();
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  };

  it("says of OpenAI's paths that errors have OpenAI's form, and of the others that they are problems", async () => {
    const forms = (await operations()).flatMap(({ path, operation }) => {
      const content = operation.responses["401"]?.content;
      return content ? [[path, Object.entries(content).map(([type, { schema }]) => `${type} ${schema.$ref}`)]] : [];
    });
    const openAi = ["application/json #/components/schemas/OpenAiError"];
    const problem = ["application/problem+json #/components/schemas/Problem"];
    expect(Object.fromEntries(forms)).toMatchObject({
      "/v1/chat/completions": openAi,
      "/v1/embeddings": openAi,
      "/v1/models/{model}": openAi,
      "/v1/keys": problem,
      "/v1/tokens/revoke": problem,
      "/v1/cache/purge": problem,
      "/chat": problem,
    });
  });

  it.each([
    ["that says no length is not read to its end", {}, false],
    // On the wire a body is no longer than it says; here it is, and counts all the same.
    ["that says too small a length is counted", { "content-length": "2" }, undefined],
  ])("names no path with a body without a limit: one %s", async (_, headers, isReadOn) => {
    const withJson = (await operations()).filter(({ operation }) => {
      const types = Object.keys(operation.requestBody?.content ?? {});
      return types.length === 1 && types[0] === "application/json";
    });
    expect(withJson.length).toBeGreaterThanOrEqual(6);
    for (const { path, method } of withJson) {
      let sent = 0;
      const body = new ReadableStream({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(0x20));
          if (sent > 1_000_000) controller.close();
        },
      });
      const authorization = `Bearer ${env.API_KEY}`;
      const { status } = await call(path, { settings: settingsWith({}), authorization, method, body, headers });
      expect([path, status]).toEqual([path, 413]);
      if (isReadOn === false) expect(sent).toBeLessThan(500_000);
    }
  });
});

it.each([
  ["API keys", ownKeys, sharedKeys],
  ["tokens", ownTables, sharedTables],
])("the tables of %s are worker-kit's", (_, own, shared) => {
  expect(own).toBe(shared);
});
