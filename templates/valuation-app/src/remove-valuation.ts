import { ValuationStore } from "./adapters/valuation-store.ts";

/** Removes an owner's valuation, with its picture when no other one shows it. @returns whether there was one */
export async function removeValuation(env: Env, owner: string, id: string): Promise<boolean> {
  const removed = await new ValuationStore(env.DB).remove(owner, id);
  if (removed?.orphan) await env.PICTURES.delete(removed.orphan);
  return removed !== null;
}
