import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Service } from "./core/service.ts";
import type { Store } from "./core/store.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { WorkersService } from "./services/workers/index.ts";

export interface ResetOptions {
  readonly directory: string;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly workersService: WorkersService;
  readonly services: readonly Pick<Service, "forget">[];
}

/** Empties an account: its Workers, resources and data. The account itself stays. */
export async function resetAccount(accountId: string, options: ResetOptions): Promise<void> {
  const { directory, store, runtime, workersService, services } = options;
  for (const { name } of workersService.scripts.store.scripts(accountId)) await runtime.closeDoor(accountId, name);
  await runtime.forget(accountId);
  store.transaction(() => {
    // Referenced rows go with the rows that they belong to, whatever the order.
    for (const table of tablesOfAccounts(store)) store.run(`DELETE FROM "${table}" WHERE account_id = ?`, accountId);
  });
  for (const { forget } of services) await forget?.(accountId);
  workersService.scripts.forget(accountId);
  workersService.schedulesChanged();
  for (const folder of ["accounts", "assets"])
    await rm(join(directory, folder, accountId), { recursive: true, force: true });
}

function tablesOfAccounts(store: Store): string[] {
  return store
    .all(
      `SELECT m.name AS name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
       WHERE m.type = 'table' AND c.name = 'account_id'`,
    )
    .map((row) => String(row["name"]));
}
