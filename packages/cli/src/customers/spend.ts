import * as z from "zod";
import { type AccountApi, AccountApiError } from "../account-api.ts";

const Answer = z.array(z.object({ results: z.array(z.object({ spent: z.number(), reserved: z.number() })) })).min(1);
/** A month's row of the whole stack; amounts in billionths of a US dollar. */
const SUM = "SELECT spent, reserved FROM sums WHERE month = ?1 AND owner = '' AND dimension = 'stack'";

/**
 * What a customer's models have cost in a month by its ledger, in US dollars; what is reserved for calls under way counts.
 *
 * @param month `2026-11`
 * @throws AccountApiError
 */
export async function readSpend(api: AccountApi, ledgerDatabaseId: string, month: string): Promise<number> {
  const query = { sql: SUM, params: [month] };
  const result = await api.call("POST", `/d1/database/${ledgerDatabaseId}/query`, query);
  if (result === null) throw new AccountApiError(404, `The ledger's database ${ledgerDatabaseId} is not there.`);
  const [answer] = Answer.parse(result);
  const row = answer?.results[0];
  return row ? (row.spent + row.reserved) / 1e9 : 0;
}
