import type { Context } from "hono";
import * as z from "zod";
import type { ApiKeyEnv } from "../api-keys.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { Problem } from "../problem.ts";
import type { JwtIssuer } from "../settings/access.ts";
import { HELD_MS } from "./held.ts";
import { LONGEST_TOKEN, type TokenCallers } from "./token-callers.ts";
import { TokenNotAllowed, TokenRefused } from "./token-error.ts";
import { tokenProblem } from "./token-problem.ts";
import type { TokenName } from "./token-store.ts";

const Revocation = z
  .strictObject({
    token: z.string().min(1).max(LONGEST_TOKEN).optional().describe("The whole token."),
    jti: z.string().min(1).max(255).optional().describe("Its id, the claim `jti`."),
    issuer: z.string().min(1).max(500).optional().describe("With `jti`, where tokens of several issuers are taken."),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits, in lower case")
      .optional()
      .describe("The SHA-256 of the whole token."),
    tenant: z.string().min(1).max(64).optional().describe("Another tenant than the caller's; for admins."),
  })
  .refine(({ token, jti, sha256 }) => [token, jti, sha256].filter((each) => each !== undefined).length === 1, {
    error: "say which: `token`, `jti` or `sha256`",
  })
  .meta({ id: "TokenRevocation" });

const Revoked = z
  .object({
    tenant: z.string(),
    within_seconds: z.number().describe("After it the token is taken nowhere."),
  })
  .meta({ id: "RevokedToken" });

/** `/v1/tokens`, for templates that take tokens besides API keys. */
export function tokenEndpoints<E extends ApiKeyEnv>(options: {
  readonly realm: string;
  readonly callers: (c: Context<E>) => TokenCallers;
  readonly issuers: (c: Context<E>) => readonly JwtIssuer[];
}): readonly Endpoint<E>[] {
  return [
    endpoint({
      method: "post",
      path: "/v1/tokens/revoke",
      operationId: "revokeToken",
      summary: "Revoke a token",
      description:
        "It is taken no more, within five seconds everywhere. Whoever holds a tenant's token may end it; by `jti` or `sha256` an API key of the tenant may, also before the token was ever seen.",
      tag: "API keys",
      guard: "tenant",
      body: Revocation,
      responses: { 200: { description: "Revoked", schema: Revoked } },
      async handle(c, { body }) {
        const caller = c.get("caller");
        const { tenant, name } = await named(c, body);
        if (caller.scope !== "admin" && tenant !== caller.tenant) {
          throw new Problem(403, "admin_only", "only an admin may revoke another tenant's tokens");
        }
        if (caller.scope !== "admin" && caller.by === "token" && body.token === undefined) {
          throw new Problem(403, "key_only", "with a token only tokens that you hold can be revoked: send `token`");
        }
        await options.callers(c).revoke(tenant, name);
        return c.json({ tenant, within_seconds: HELD_MS / 1_000 } satisfies z.infer<typeof Revoked>);
      },
    }),
  ];

  async function named(
    c: Context<E>,
    { token, jti, sha256, issuer, tenant = c.get("caller").tenant }: z.infer<typeof Revocation>,
  ): Promise<{ tenant: string; name: TokenName }> {
    if (token !== undefined) {
      try {
        return await options.callers(c).namesOf(token);
      } catch (error) {
        if (!(error instanceof TokenRefused) && !(error instanceof TokenNotAllowed)) {
          throw tokenProblem(error, options.realm);
        }
        throw wrong("/token", `it would not be taken anyway: ${error.message}`);
      }
    }
    if (sha256 !== undefined) return { tenant, name: { kind: "sha256", name: sha256 } };
    const known = options.issuers(c).map((each) => each.issuer);
    const of = issuer ?? (known.length === 1 ? known[0] : undefined);
    if (of === undefined || !known.includes(of)) throw wrong("/issuer", `one of ${known.join(", ") || "none"}`);
    return { tenant, name: { kind: "jti", issuer: of, name: jti ?? "" } };
  }
}

function wrong(path: string, message: string): Problem {
  return new Problem(400, "invalid_request", `${path.slice(1)}: ${message}`, { errors: [{ path, message }] });
}
