import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import * as z from "zod";
import { log } from "../log.ts";
import { guardedFetch } from "../outbound-guard.ts";
import type { Access, JwtIssuer } from "../settings/access.ts";
import { stoppableTimeout } from "../stoppable-timeout.ts";
import { IssuerUnavailable, TokenRefused } from "./token-error.ts";

type FindKey = ReturnType<typeof createLocalJWKSet>;
type Header = Parameters<JWTVerifyGetKey>[0];
type Input = Parameters<JWTVerifyGetKey>[1];

const MOST_BYTES = 65_536;
const MOST_KEYS = 50;
/** Milliseconds that an issuer has to answer. */
const TIMEOUT_MS = 3_000;
const WATCHED_EVERY_MS = 20;

const KEY_TYPES = { RS256: "RSA", ES256: "EC", EdDSA: "OKP" } as const;
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(MOST_KEYS) });

/** A copy of issuers' keys that outlives the isolate. */
export interface KeptKeys {
  read(url: string): Promise<{ readonly text: string; readonly readAt: number } | null>;
  write(url: string, text: string, readAt: number): Promise<void>;
}

export interface IssuerKeysOptions {
  readonly issuer: Extract<JwtIssuer, { jwksUrl: string }>;
  readonly jwt: Pick<Access["jwt"], "keysSeconds" | "refetchSeconds" | "staleSeconds">;
  readonly allowedHosts: readonly string[];
  /** ms */
  readonly now: () => number;
  /** Sends one request; replaced in tests. @default fetch */
  readonly send?: (request: Request) => Promise<Response>;
}

interface HeldKeys {
  readonly find: FindKey;
  readonly readAt: number;
}

/**
 * The public keys of an issuer. It is asked when they are old, and when a token names a key that is not among them, but
 * never more often than the settings say: nobody makes us ask by inventing names. While it is away, what it last said
 * holds on up to a bound; after that nobody comes in.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #held: HeldKeys | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking = false;
  #failed = false;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * The key that a token's header names.
   *
   * @param kept where a copy lies, if anywhere
   * @throws TokenRefused when the issuer has no such key; IssuerUnavailable when that cannot be found out
   */
  async keyFor(header: Header, token: Input, kept?: KeptKeys): Promise<CryptoKey> {
    const found = await this.#find(await this.#current(kept), header, token);
    if (found) return found;
    await this.#askOrWatch(kept);
    const again = this.#held && (await this.#find(this.#held, header, token));
    if (again) return again;
    if (this.#failed) throw this.#unavailable();
    throw new TokenRefused("its issuer has no key of this name");
  }

  async #find(held: HeldKeys, header: Header, token: Input): Promise<CryptoKey | undefined> {
    try {
      return await held.find(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      if (error instanceof errors.JWKSMultipleMatchingKeys) {
        throw new TokenRefused("it does not say which of its issuer's keys it is signed with", { cause: error });
      }
      throw new TokenRefused("its issuer's key of this name cannot be used", { cause: error });
    }
  }

  /** Keys that may be used now. */
  async #current(kept: KeptKeys | undefined): Promise<HeldKeys> {
    const { keysSeconds, staleSeconds } = this.#options.jwt;
    this.#held ??= await this.#fromCopy(kept);
    // While one request asks, the others go on with old keys, where there are any.
    if (this.#age() > keysSeconds * 1_000 && (this.#mayAsk() || !this.#held)) await this.#askOrWatch(kept);
    if (this.#held && this.#age() <= (keysSeconds + staleSeconds) * 1_000) return this.#held;
    throw this.#unavailable();
  }

  #age(): number {
    return this.#held ? this.#options.now() - this.#held.readAt : Number.POSITIVE_INFINITY;
  }

  #mayAsk(): boolean {
    const since = this.#options.now() - this.#askedAt;
    // A request that was asking may be gone before its answer came.
    const busy = this.#asking && since < 2 * TIMEOUT_MS;
    return !busy && since >= this.#options.jwt.refetchSeconds * 1_000;
  }

  /** Asks if it may. If another request is asking, waits for that; not for its promise, which may end with that request. */
  async #askOrWatch(kept: KeptKeys | undefined): Promise<void> {
    if (this.#mayAsk()) return this.#ask(kept);
    const until = Date.now() + TIMEOUT_MS;
    while (this.#asking && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, WATCHED_EVERY_MS));
    }
  }

  async #ask(kept: KeptKeys | undefined): Promise<void> {
    const readAt = this.#options.now();
    this.#askedAt = readAt;
    this.#asking = true;
    try {
      const text = await this.#fetch();
      this.#held = { find: this.#parse(text), readAt };
      this.#failed = false;
      await kept?.write(this.#options.issuer.jwksUrl, text, readAt).catch(notKept);
    } catch (error) {
      this.#failed = true;
      log("warn", "issuer_keys_not_read", { issuer: this.#options.issuer.issuer, message: String(error) });
    } finally {
      this.#asking = false;
    }
  }

  async #fetch(): Promise<string> {
    const { issuer, allowedHosts, send } = this.#options;
    const { signal, stop } = stoppableTimeout(TIMEOUT_MS);
    try {
      const response = await guardedFetch(
        issuer.jwksUrl,
        { headers: { accept: "application/json" }, signal },
        { allowedHosts, maxRedirects: 2, ...(send && { send }) },
      );
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`its keys' address answers ${response.status}`);
      }
      return await readAtMost(response, MOST_BYTES);
    } finally {
      stop();
    }
  }

  /** Only keys of the kind that the issuer's algorithm needs: a shared secret among them is not one. */
  #parse(text: string): FindKey {
    const { algorithm } = this.#options.issuer;
    const { keys } = KeySet.parse(JSON.parse(text));
    const usable = keys.filter(({ kty }) => kty === KEY_TYPES[algorithm]);
    if (usable.length === 0) throw new Error(`it has no key for ${algorithm}`);
    return createLocalJWKSet({ keys: usable });
  }

  async #fromCopy(kept: KeptKeys | undefined): Promise<HeldKeys | undefined> {
    try {
      const copy = await kept?.read(this.#options.issuer.jwksUrl);
      return copy ? { find: this.#parse(copy.text), readAt: copy.readAt } : undefined;
    } catch (error) {
      notKept(error);
      return undefined;
    }
  }

  #unavailable(): IssuerUnavailable {
    return new IssuerUnavailable(
      "the keys of the token's issuer cannot be read now, so it cannot be verified",
      this.#options.jwt.refetchSeconds,
    );
  }
}

function notKept(error: unknown): void {
  log("warn", "issuer_keys_copy_failed", { message: String(error) });
}

async function readAtMost(response: Response, most: number): Promise<string> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.byteLength;
    if (size > most) {
      await reader?.cancel();
      throw new Error(`its keys have more than ${most} bytes`);
    }
    chunks.push(read.value);
  }
  return new Blob(chunks).text();
}
