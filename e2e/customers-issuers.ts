import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An identity provider of a test: its name in tokens, its key, and where the public one is published. */
export interface TestIssuer {
  readonly iss: string;
  readonly kid: string;
  readonly jwksUrl: string;
  readonly publicKey: JsonWebKey;
  readonly privateKey: KeyObject;
}

/** What a token says, besides what all of them say. */
export interface TokenClaims {
  readonly iss: string;
  readonly aud: string;
}

/** Of every member everywhere: who reads no more of a token than its subject and tenant mixes up all customers. */
const EVERY_MEMBER = { sub: "ada", tenant: "members" };
const VALID_SECONDS = 3600;

/** Identity providers on 127.0.0.1: one of each customer's own, and one that all customers share. */
export class TestIssuers {
  /** Tells customers apart by the audience alone. */
  readonly shared: TestIssuer;
  readonly #server: Server;
  readonly #issuers = new Map<string, TestIssuer>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (incoming, outgoing) => {
      const issuer = this.#issuers.get((incoming.url ?? "").slice(1));
      outgoing.writeHead(issuer ? 200 : 404, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ keys: issuer ? [{ ...issuer.publicKey, kid: issuer.kid }] : [] }));
    });
    this.shared = this.of("everybody");
  }

  static async start(): Promise<TestIssuers> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new TestIssuers(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A customer's own. */
  of(name: string): TestIssuer {
    const known = this.#issuers.get(name);
    if (known) return known;
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const made = {
      iss: `https://${name}.example`,
      kid: `key of ${name}`,
      jwksUrl: `http://${this.host}/${name}`,
      publicKey: publicKey.export({ format: "jwk" }),
      privateKey,
    };
    this.#issuers.set(name, made);
    return made;
  }

  /** A customer's setting `access`: it takes tokens of its own issuer and of the shared one, each for its own audience. */
  accessOf(name: string): object {
    const issuers = [this.of(name), this.shared].map(({ iss, jwksUrl }) => ({
      issuer: iss,
      audience: name,
      algorithm: "ES256",
      jwksUrl,
    }));
    return { jwt: { issuers }, allowedHosts: [this.host] };
  }

  /** Host and port, to which the local cloud has to let Workers: `TENNER_ALLOW_OUTBOUND`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // listens on a port, not on a path
  }
}

/** A token, signed by an issuer. @param header more than its algorithm and the issuer's `kid` */
export function signToken(signer: TestIssuer, claims: TokenClaims, header: object = {}): string {
  const unsigned = unsignedParts({ alg: "ES256", kid: signer.kid, ...header }, claims);
  const key = { key: signer.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${unsigned}.${sign("sha256", Buffer.from(unsigned), key).toString("base64url")}`;
}

/** A token that says of itself that it needs no signature. */
export function unsignedToken(claims: TokenClaims): string {
  return `${unsignedParts({ alg: "none" }, claims)}.`;
}

/** A token for which the public key is taken as a secret that both sides know. */
export function tokenByPublicKey({ publicKey, kid }: TestIssuer, claims: TokenClaims): string {
  const unsigned = unsignedParts({ alg: "HS256", kid }, claims);
  return `${unsigned}.${createHmac("sha256", JSON.stringify(publicKey)).update(unsigned).digest("base64url")}`;
}

/** A good token with another audience in it, and the signature that it had. */
export function readdressed(token: string, aud: string): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object; // as signToken wrote it
  return `${header}.${encoded({ ...claims, aud })}.${signature}`;
}

function unsignedParts(header: object, claims: TokenClaims): string {
  const exp = Math.floor(Date.now() / 1_000) + VALID_SECONDS;
  return `${encoded(header)}.${encoded({ ...EVERY_MEMBER, jti: randomUUID(), exp, ...claims })}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
