import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { Settings } from "../settings.ts";
import { IssuerKeys, type KeptKeys } from "./issuer-keys.ts";
import { IssuerUnavailable, TokenRefused } from "./token-error.ts";

const URL_OF_KEYS = "https://auth.example/jwks";
const { jwt } = Settings.parse({
  access: { jwt: { keysSeconds: 600, refetchSeconds: 30, staleSeconds: 3_600 } },
}).access;

const jwks: Record<string, object> = {};

beforeAll(async () => {
  for (const kid of ["one", "two"]) {
    jwks[kid] = { ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid };
  }
});

const setOf = (...kids: string[]) => Response.json({ keys: kids.map((kid) => jwks[kid]) });

/** An issuer whose answers are those, one after the other; the last one again and again. */
function issuerWith(...answers: (() => Response | Promise<Response>)[]) {
  let time = 1_000_000;
  let asked = 0;
  const addresses: string[] = [];
  const make = (kept?: KeptKeys) => {
    const keys = new IssuerKeys({
      issuer: {
        issuer: "auth",
        audience: "tenner",
        algorithm: "ES256",
        jwksUrl: URL_OF_KEYS,
        tenantClaim: "tenant",
        scopeClaim: "scope",
      },
      jwt,
      allowedHosts: [],
      now: () => time,
      send: async (request) => {
        addresses.push(request.url);
        const answer = answers[Math.min(asked++, answers.length - 1)];
        if (!answer) throw new Error("no answer");
        return answer();
      },
    });
    return (kid: string | undefined) =>
      keys.keyFor({ alg: "ES256", ...(kid !== undefined && { kid }) }, { payload: "", signature: "" }, kept);
  };
  return {
    keyFor: make(),
    make,
    addresses,
    asked: () => asked,
    pass: (seconds: number) => {
      time += seconds * 1_000;
    },
  };
}

const away = () => {
  throw new TypeError("connection refused");
};

describe("an issuer's keys", () => {
  it("are asked for once while they are young", async () => {
    const issuer = issuerWith(() => setOf("one"));
    await issuer.keyFor("one");
    issuer.pass(600);
    await issuer.keyFor("one");
    await issuer.keyFor(undefined);
    expect(issuer.asked()).toBe(1);
    issuer.pass(1);
    await issuer.keyFor("one");
    expect(issuer.asked()).toBe(2);
  });

  it("are asked for once by many that come at the same moment", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const issuer = issuerWith(() => promise);
    const all = Promise.all(Array.from({ length: 50 }, () => issuer.keyFor("one")));
    await new Promise((next) => setImmediate(next));
    resolve(setOf("one"));
    expect(await all).toHaveLength(50);
    expect(issuer.asked()).toBe(1);
  });

  it("change: a new name is asked for, but not more often than every 30 seconds", async () => {
    const issuer = issuerWith(
      () => setOf("one"),
      () => setOf("one", "two"),
    );
    await issuer.keyFor("one");
    await expect(issuer.keyFor("two")).rejects.toBeInstanceOf(TokenRefused);
    expect(issuer.asked()).toBe(1);
    issuer.pass(30);
    await expect(issuer.keyFor("two")).resolves.toBeTruthy();
    for (let attempt = 0; attempt < 100; attempt++) {
      await expect(issuer.keyFor(`made-up-${attempt}`)).rejects.toBeInstanceOf(TokenRefused);
    }
    expect(issuer.asked()).toBe(2);
  });

  it("that it withdraws are not taken after it was asked again", async () => {
    const issuer = issuerWith(
      () => setOf("one", "two"),
      () => setOf("two"),
    );
    await issuer.keyFor("one");
    issuer.pass(601);
    await expect(issuer.keyFor("one")).rejects.toBeInstanceOf(TokenRefused);
  });

  it("hold on while it is away, up to a bound, and nobody comes in after it", async () => {
    const issuer = issuerWith(() => setOf("one"), away);
    await issuer.keyFor("one");
    issuer.pass(600 + 3_600);
    await expect(issuer.keyFor("one")).resolves.toBeTruthy();
    await expect(issuer.keyFor("two")).rejects.toBeInstanceOf(IssuerUnavailable);
    issuer.pass(1);
    await expect(issuer.keyFor("one")).rejects.toBeInstanceOf(IssuerUnavailable);
  });

  it("that were never read let nobody in, and it is not asked again at once", async () => {
    const issuer = issuerWith(away, () => setOf("one"));
    await expect(issuer.keyFor("one")).rejects.toMatchObject({ name: "IssuerUnavailable", retryAfterSeconds: 30 });
    await expect(issuer.keyFor("one")).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(issuer.asked()).toBe(1);
    issuer.pass(30);
    await expect(issuer.keyFor("one")).resolves.toBeTruthy();
  });

  it("of two with one name are not guessed between", async () => {
    const issuer = issuerWith(() => setOf("one", "one"));
    await expect(issuer.keyFor("one")).rejects.toBeInstanceOf(TokenRefused);
  });

  it.each<[string, () => Response]>([
    ["an error", () => new Response("no", { status: 500 })],
    ["no JSON", () => new Response("<html>")],
    ["no key set", () => Response.json({ keys: "all" })],
    ["no key of the algorithm's kind", () => Response.json({ keys: [{ kty: "oct", k: "c2VjcmV0", kid: "one" }] })],
    ["more keys than anybody has", () => Response.json({ keys: Array(51).fill(jwks["one"]) })],
    ["more bytes than keys have", () => Response.json({ keys: [{ ...jwks["one"], x5c: ["A".repeat(70_000)] }] })],
    ["a way into the network", () => Response.redirect("http://169.254.169.254/keys", 302)],
    ["a way without TLS", () => Response.redirect("http://auth.example/keys", 302)],
    ["a way in circles", () => Response.redirect(URL_OF_KEYS, 302)],
  ])("that are %s let nobody in", async (_, answer) => {
    const issuer = issuerWith(answer);
    await expect(issuer.keyFor("one")).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(new Set(issuer.addresses)).toEqual(new Set([URL_OF_KEYS]));
  });
});

describe("a copy of the keys", () => {
  function copy() {
    const rows = new Map<string, { text: string; readAt: number }>();
    const kept: KeptKeys = {
      read: async (url) => rows.get(url) ?? null,
      write: async (url, text, readAt) => void rows.set(url, { text, readAt }),
    };
    return { rows, kept };
  }

  it("serves an isolate that begins while the issuer is away, no longer than the bound", async () => {
    const issuer = issuerWith(() => setOf("one"), away);
    const { kept } = copy();
    await issuer.make(kept)("one");
    issuer.pass(600 + 3_600);
    await expect(issuer.make(kept)("one")).resolves.toBeTruthy();
    issuer.pass(1);
    await expect(issuer.make(kept)("one")).rejects.toBeInstanceOf(IssuerUnavailable);
  });

  it("that cannot be used, or is away, leaves the issuer to be asked", async () => {
    const issuer = issuerWith(() => setOf("one"));
    const { rows, kept } = copy();
    rows.set(URL_OF_KEYS, { text: "{}", readAt: 1_000_000 });
    await expect(issuer.make(kept)("one")).resolves.toBeTruthy();
    const broken: KeptKeys = { read: away, write: away };
    await expect(issuer.make(broken)("one")).resolves.toBeTruthy();
    expect(issuer.asked()).toBe(2);
  });
});
