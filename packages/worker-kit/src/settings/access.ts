import * as z from "zod";
import { ipList } from "../access/ip-list.ts";

const DAY = 86_400;

const address = z.string().superRefine((text, context) => {
  try {
    ipList([text]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
});

const claim = z.string().min(1).max(200);

/** What every issuer has. */
const issuerParts = {
  /** The claim `iss`, to the letter. */
  issuer: z.string().min(1).max(500),
  /** The claim `aud` has to name one of these. */
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** The claim that names the tenant; a list is a path into an object: `["app_metadata", "tenant"]`. */
  tenantClaim: z.union([claim, z.array(claim).min(1).max(5)]).default("tenant"),
  /** The tenants that the issuer may speak for. Left out: all of them. */
  tenants: z.array(z.string().min(1)).min(1).optional(),
  /** The claim with the token's scopes: a list, or one text with spaces between them. */
  scopeClaim: z.union([claim, z.array(claim).min(1).max(5)]).default("scope"),
  /** A token needs this scope to be let in. Left out: it needs none. */
  memberScope: z.string().min(1).optional(),
  /** A token with this scope may do what an admin key may. Left out: no token may. */
  adminScope: z.string().min(1).optional(),
};

const SharedSecretIssuer = z.strictObject({
  ...issuerParts,
  algorithm: z.literal("HS256"),
  /** The name of the Worker's secret with the shared secret, of at least 32 bytes. */
  secret: z
    .string()
    .regex(/^JWT_SECRET(_[A-Z0-9]+)*$/, "is JWT_SECRET, or begins with JWT_SECRET_")
    .default("JWT_SECRET"),
});

const KeySetIssuer = z.strictObject({
  ...issuerParts,
  algorithm: z.enum(["RS256", "ES256", "EdDSA"]),
  /** Where its public keys are: a JSON Web Key Set. */
  jwksUrl: z.url({ protocol: /^https?$/ }),
});

const Jwt = z.strictObject({
  /** Who signs tokens that are taken. Left out: only API keys are. */
  issuers: z
    .array(z.discriminatedUnion("algorithm", [SharedSecretIssuer, KeySetIssuer]))
    .max(20)
    .default([])
    .superRefine((issuers, context) => {
      for (const [place, { issuer }] of issuers.entries()) {
        if (issuers.findIndex((each) => each.issuer === issuer) === place) continue;
        context.addIssue({ code: "custom", path: [place, "issuer"], message: "is there twice" });
      }
    }),
  /** Seconds by which clocks may differ. */
  leewaySeconds: z.int().min(0).max(120).default(30),
  /** A token that is valid for longer than so many seconds is refused. */
  longestSeconds: z
    .int()
    .min(60)
    .max(31 * DAY)
    .default(DAY),
  /** Seconds for which a verified token is not verified again. */
  cacheSeconds: z.int().min(0).max(300).default(60),
  /** Seconds for which an issuer's keys are used before it is asked again. */
  keysSeconds: z.int().min(60).max(DAY).default(600),
  /** An issuer is asked at most once in so many seconds, also for a key that it may have added since. */
  refetchSeconds: z.int().min(1).max(600).default(30),
  /** Seconds past `keysSeconds` for which its keys are still used while it does not answer. */
  staleSeconds: z
    .int()
    .min(0)
    .max(7 * DAY)
    .default(DAY),
});

/** Who may call. */
export const Access = z
  .strictObject({
    /** IP addresses and networks (`203.0.113.0/24`) that may call the Workers' APIs. Left out: all. */
    ips: z.array(address).max(1_000).default([]),
    jwt: Jwt.prefault({}),
    /** Host names or `host:port` of issuers that may be asked although inside the network or without TLS. For tests only. */
    allowedHosts: z.array(z.string().min(1)).default([]),
  })
  .superRefine(({ jwt, allowedHosts }, context) => {
    for (const [place, issuer] of jwt.issuers.entries()) {
      if (issuer.algorithm === "HS256" || !URL.canParse(issuer.jwksUrl)) continue;
      const { protocol, host, hostname } = new URL(issuer.jwksUrl);
      if (protocol === "https:" || allowedHosts.includes(host) || allowedHosts.includes(hostname)) continue;
      context.addIssue({ code: "custom", path: ["jwt", "issuers", place, "jwksUrl"], message: "has to be https" });
    }
  });
export type Access = z.infer<typeof Access>;
export type JwtIssuer = Access["jwt"]["issuers"][number];
