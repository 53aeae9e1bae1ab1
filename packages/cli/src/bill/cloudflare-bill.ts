import { config } from "@tenner/engine";
import * as z from "zod";
import type { StackReference } from "../local-stack.ts";
import { UserError } from "../user-error.ts";

const Line = z.object({
  product: z.string(),
  what: z.string(),
  used: z.number(),
  free: z.object({
    allowance: z.number().optional(),
    per: z.enum(["day", "month", "total"]).optional(),
    beyond: z.number(),
    refused: z.boolean(),
    usd: z.number(),
  }),
  paid: z.object({ included: z.number(), usd: z.number() }),
  note: z.string().optional(),
  source: z.string(),
});
const Named = z.array(z.object({ product: z.string(), why: z.string() }));

/** What the local cloud counted, as Cloudflare bills it; see `/_local/usage/bill` there. Amounts are a month's. */
export const CloudflareBill = z.object({
  /** The first and the last day that were counted, UTC. */
  from: z.string(),
  to: z.string(),
  /** So many times the traffic of these days is a month's. Null: as it was. */
  scale: z.number().nullable(),
  /** The day of the prices. */
  prices_of: z.string(),
  lines: z.array(Line),
  free: z.object({ usd: z.number(), refused: z.array(z.string()) }),
  paid: z.object({ usd: z.number(), base_usd: z.number() }),
  free_of_charge: Named,
  not_priced: Named,
  not_counted: Named,
});
export type CloudflareBill = z.infer<typeof CloudflareBill>;

/** Of which days, and how many times them. */
export interface BillPeriod {
  readonly from: string;
  readonly to: string;
  readonly scale?: number | undefined;
}

/** The bill of a local stack's account. @throws UserError when its cloud does not answer, or refuses */
export async function readCloudflareBill(stack: StackReference, period: BillPeriod): Promise<CloudflareBill> {
  const read = async (key: string) => (await config.get(stack, key))?.value ?? "";
  const [account, baseUrl, token] = await Promise.all(
    ["tenner:accountId", "cloudflare:baseUrl", "cloudflare:apiToken"].map(read),
  );
  return readAccountBill({ account: account ?? "", origin: new URL(baseUrl ?? "").origin, token: token ?? "" }, period);
}

/** The bill of an account of a local cloud. @throws UserError as above */
export async function readAccountBill(
  { account, origin, token }: { account: string; origin: string; token: string },
  { from, to, scale }: BillPeriod,
): Promise<CloudflareBill> {
  const query = new URLSearchParams({ account, from, to, ...(scale !== undefined && { scale: String(scale) }) });
  const response = await fetch(`${origin}/_local/usage/bill?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  }).catch((cause: unknown) => {
    throw new UserError(`The local cloud at ${origin} does not answer.`, { cause });
  });
  if (response.ok) return CloudflareBill.parse(await response.json());
  throw new UserError(`The local cloud gave no bill: HTTP ${response.status} ${(await response.text()).slice(0, 300)}`);
}

/** The days of a calendar month. @param month `2026-11` */
export function daysOfMonth(month: string): { from: string; to: string } {
  const [year, number] = month.split("-").map(Number);
  const last = new Date(Date.UTC(year ?? 0, number ?? 0, 0));
  return { from: `${month}-01`, to: last.toISOString().slice(0, 10) };
}
