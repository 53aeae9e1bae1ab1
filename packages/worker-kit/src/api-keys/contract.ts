import * as z from "zod";

/** Lower-case letters, digits and hyphens: it is part of R2 and KV keys. */
const TenantName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "lower-case letters, digits and hyphens, at most 64")
  .meta({ id: "TenantName" });

export const KeyScope = z.enum(["admin", "member"]).describe("`admin` may also make and revoke keys, of every tenant.");

export const KeyRequest = z
  .strictObject({ tenant: TenantName, name: z.string().trim().min(1).max(100), scope: KeyScope.default("member") })
  .meta({ id: "KeyRequest" });

export const ApiKey = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    scope: KeyScope,
    hint: z.string().describe("The key's last four characters."),
    created_at: z.iso.datetime(),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

/** Who is calling. */
export interface Caller {
  /** The key's; of a token its subject's, the same for all tokens of it. Limits count by it. */
  readonly keyId: string;
  readonly tenant: string;
  readonly scope: z.infer<typeof KeyScope>;
  readonly by: "key" | "token";
}
