import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { Settings } from "../settings.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { IssuerUnavailable, TokenNotAllowed, TokenRefused } from "./token-error.ts";
import { verifyToken } from "./verify-token.ts";

const AT = Date.parse("2026-11-21T12:00:00Z");
const SECOND = AT / 1_000;
const SECRET = "a shared secret of more than thirty-two bytes";

const { access } = Settings.parse({
  access: {
    jwt: {
      issuers: [
        { issuer: "shared", audience: "tenner", algorithm: "HS256", adminScope: "keys:write" },
        { issuer: "rs", audience: ["other", "tenner"], algorithm: "RS256", jwksUrl: "https://rs.example/jwks" },
        { issuer: "es", audience: "tenner", algorithm: "ES256", jwksUrl: "https://es.example/jwks" },
        {
          issuer: "ed",
          audience: "tenner",
          algorithm: "EdDSA",
          jwksUrl: "https://ed.example/jwks",
          tenantClaim: ["app", "https://shop.example/tenant"],
          tenants: ["ann", "bob"],
          scopeClaim: "roles",
          memberScope: "ask",
        },
      ],
    },
  },
});

const algorithms = { rs: "RS256", es: "ES256", ed: "EdDSA" } as const;
type Signer = keyof typeof algorithms;
const pairs = {} as Record<Signer, CryptoKeyPair>; // filled before the tests

beforeAll(async () => {
  for (const issuer of Object.keys(algorithms) as Signer[]) {
    pairs[issuer] = await generateKeyPair(algorithms[issuer], { extractable: true });
  }
});

/** Undefined leaves a claim out. */
const claims = (more: object = {}): JWTPayload => ({
  iss: "rs",
  aud: "tenner",
  sub: "user-1",
  tenant: "ann",
  exp: SECOND + 600,
  ...more,
});

function sign(payload: JWTPayload, header: object = {}, key: CryptoKey | Uint8Array = pairs.rs.privateKey) {
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "key-1", ...header }).sign(key);
}

const bytes = (text: string) => new TextEncoder().encode(text);
const shared = (payload: object = {}, secret = SECRET) =>
  sign(claims({ iss: "shared", ...payload }), { alg: "HS256", kid: undefined }, bytes(secret));

async function verify(token: string, { at = AT, secret = SECRET, keys = published() } = {}) {
  return verifyToken(token, { jwt: access.jwt, keys: await keys, secret: () => secret, at });
}

/** The issuers' own key sets. */
async function published() {
  const sets = new Map<string, object>();
  for (const [issuer, pair] of Object.entries(pairs)) {
    sets.set(issuer, { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "key-1" }] });
  }
  return new Map(
    access.jwt.issuers.flatMap((issuer) =>
      issuer.algorithm === "HS256"
        ? []
        : [
            [
              issuer.issuer,
              new IssuerKeys({
                issuer,
                jwt: access.jwt,
                allowedHosts: [],
                now: () => AT,
                send: async () => Response.json(sets.get(issuer.issuer)),
              }),
            ] as const,
          ],
    ),
  );
}

describe("a good token", () => {
  it.each(Object.keys(algorithms) as Signer[])("of %s is taken", async (iss) => {
    const own = iss === "ed" ? { app: { "https://shop.example/tenant": "ann" }, roles: ["ask"] } : {};
    const token = await sign(claims({ iss, ...own }), { alg: algorithms[iss] }, pairs[iss].privateKey);
    expect(await verify(token)).toEqual({
      issuer: iss,
      tenant: "ann",
      scope: "member",
      subjectId: expect.stringMatching(/^jwt_[0-9a-f]{32}$/),
      jti: null,
      expiresAt: AT + 600_000,
    });
  });

  it("signed with the shared secret is taken, and its scope counts", async () => {
    expect(await verify(await shared({ jti: "t-1", scope: "read keys:write" }))).toMatchObject({
      scope: "admin",
      jti: "t-1",
    });
    expect(await verify(await shared({ scope: "keys:write-not" }))).toMatchObject({ scope: "member" });
  });

  it("is its subject's: two of one subject count as one, two subjects do not, nor two issuers", async () => {
    const ids = await Promise.all(
      [sign(claims()), sign(claims({ jti: "2" })), sign(claims({ sub: "user-2" })), shared()].map(
        async (token) => (await verify(await token)).subjectId,
      ),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it("may be off by the leeway, and no more", async () => {
    expect(await verify(await sign(claims({ exp: SECOND - 29, nbf: SECOND + 29 })))).toBeTruthy();
    await expect(verify(await sign(claims({ exp: SECOND - 31 })))).rejects.toThrow("it has expired");
    await expect(verify(await sign(claims({ nbf: SECOND + 31 })))).rejects.toThrow("it is not valid yet");
  });
});

/** A token with these parts and no signature that anybody made. */
const forged = (header: object, payload: object, signature = "") =>
  `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.${signature}`;

describe("refused is a token", () => {
  it.each<[string, () => string | Promise<string>, string]>([
    ["without a signature: none", () => forged({ alg: "none" }, claims()), "signs with RS256"],
    ["without a signature: None", () => forged({ alg: "None" }, claims(), "AAAA"), "signs with RS256"],
    ["of the shared secret's issuer without one", () => forged({ alg: "none" }, claims({ iss: "shared" })), "HS256"],
    [
      "with the public key as the shared secret",
      async () => sign(claims(), { alg: "HS256" }, bytes(await exportSPKI(pairs.rs.publicKey))),
      "signs with RS256",
    ],
    [
      "with the public key as the shared secret, in the name of the issuer that has one",
      async () => sign(claims({ iss: "shared" }), { alg: "HS256" }, bytes(await exportSPKI(pairs.rs.publicKey))),
      "signature",
    ],
    ["in another algorithm of the same key", () => forged({ alg: "PS256", kid: "key-1" }, claims(), "AAAA"), "RS256"],
    ["of another issuer's key", () => sign(claims({ iss: "es" })), "signs with ES256"],
    ["with the key of its own header", ownKey, "signature"],
    [
      "with an extension that nobody knows",
      () => forged({ alg: "RS256", crit: ["x"], x: 1 }, claims(), "AAAA"),
      "Web Token",
    ],
    ["that has expired", () => sign(claims({ exp: SECOND - 60 })), "expired"],
    ["without an expiry", () => sign(claims({ exp: undefined })), 'claim "exp" is missing'],
    ["with an expiry that is no number", () => forgedSigned({ exp: "tomorrow" }), 'claim "exp"'],
    ["that is valid for years", () => sign(claims({ exp: SECOND + 400 * 86_400 })), "longer than 86400 seconds"],
    ["for another audience", () => sign(claims({ aud: "shop" })), 'claim "aud"'],
    ["for no audience", () => sign(claims({ aud: undefined })), 'claim "aud" is missing'],
    ["of another issuer", () => sign(claims({ iss: "https://evil.example" })), "issuer is not one"],
    ["of nobody", () => sign(claims({ iss: undefined })), "issuer is not one"],
    ["of an issuer with a slash more", () => sign(claims({ iss: "rs/" })), "issuer is not one"],
    ["of a list of issuers", () => forgedSigned({ iss: ["rs", "shared"] }), "issuer is not one"],
    [
      "with a key's name that leads elsewhere",
      () => sign(claims(), { kid: "../../etc/passwd" }),
      "no key of this name",
    ],
    ["with a key's name that is a query", () => sign(claims(), { kid: "key-1' OR '1'='1" }), "no key of this name"],
    [
      "with a key's name that is an address",
      () => sign(claims(), { kid: "https://evil.example/k" }),
      "no key of this name",
    ],
    ["with a key's name that is inherited", () => sign(claims(), { kid: "__proto__" }), "no key of this name"],
    ["with an id that is no text", () => forgedSigned({ jti: 7 }), 'claim "jti"'],
    ["in two parts", () => "a.b", "not a JSON Web Token"],
    ["of nothing", () => "..", "not a JSON Web Token"],
    ["of no objects", () => forged([], ["rs"]), "issuer is not one|not a JSON Web Token"],
  ])("%s", async (_, token, reason) => {
    const error = await verify(await token()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TokenRefused);
    expect((error as TokenRefused).message).toMatch(new RegExp(reason));
  });

  it("that was changed in any part", async () => {
    const token = await sign(claims());
    const [header = "", payload = "", signature = ""] = token.split(".");
    const other = Buffer.from(JSON.stringify(claims({ tenant: "bob" }))).toString("base64url");
    const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    for (const changed of [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.`,
    ]) {
      await expect(verify(changed)).rejects.toBeInstanceOf(TokenRefused);
    }
  });

  it("with another shared secret", async () => {
    await expect(verify(await shared({}, `${SECRET}!`))).rejects.toThrow("signature");
  });
});

describe("not allowed is a good token", () => {
  it.each<[string, object]>([
    ["without a tenant", { tenant: undefined }],
    ["with a tenant that is no text", { tenant: ["ann"] }],
    ["with a tenant of other letters", { tenant: "Ann" }],
    ["with a tenant that leads elsewhere", { tenant: "ann/../bob" }],
    ["with a tenant that looks like another", { tenant: "аnn" }],
  ])("%s", async (_, more) => {
    await expect(verify(await sign(claims(more)))).rejects.toBeInstanceOf(TokenNotAllowed);
  });

  it.each<[string, object, string]>([
    [
      "of a tenant that its issuer does not speak for",
      { app: { "https://shop.example/tenant": "eve" } },
      "does not speak",
    ],
    ["without the scope", { app: { "https://shop.example/tenant": "ann" }, roles: ["look"] }, 'scope "ask"'],
    ["whose tenant lies elsewhere", { "app.https://shop.example/tenant": "ann" }, "names no tenant"],
  ])("%s", async (_, more, reason) => {
    const token = await sign(claims({ iss: "ed", roles: ["ask"], ...more }), { alg: "EdDSA" }, pairs.ed.privateKey);
    const error = await verify(token).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TokenNotAllowed);
    expect((error as TokenNotAllowed).message).toContain(reason);
  });
});

it("a secret that is missing or short lets nobody in", async () => {
  for (const secret of ["", "short"]) {
    await expect(verify(await shared({}, secret.padEnd(1)), { secret })).rejects.toBeInstanceOf(IssuerUnavailable);
  }
});

/** Signed by its own key, which its header brings along in every way there is. */
async function ownKey(): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  return sign(claims(), { jwk, jku: "https://evil.example/jwks", x5u: "https://evil.example/cert" }, privateKey);
}

/** Well signed, with claims that a signing library refuses to write. */
async function forgedSigned(more: object): Promise<string> {
  const unsigned = forged({ alg: "RS256", kid: "key-1" }, { ...claims(), ...more }).slice(0, -1);
  const key = pairs.rs.privateKey;
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, bytes(unsigned));
  return `${unsigned}.${Buffer.from(signature).toString("base64url")}`;
}
