import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { AiGateway } from "./components/ai-gateway.ts";
import { D1Database } from "./components/d1-database.ts";
import { resourceName } from "./components/resource-names.ts";
import type { Stack } from "./settings.ts";

/** What a stack has once, for all of its templates. */
export interface SharedResources {
  readonly gateway: AiGateway;
  /** The D1 database of the ledger, with its schema. */
  readonly ledgerDatabaseId: pulumi.Output<string>;
}

const LEDGER_MIGRATIONS = join(import.meta.dirname, "../packages/worker-kit/migrations/ledger");

/** Makes the AI side of a stack: the gateway with its cap and route, and the ledger in front of it. */
export function makeSharedResources(stack: Stack): SharedResources {
  const { accountId, settings } = stack;
  const gateway = new AiGateway("ai", { accountId, gatewayId: resourceName(stack.name, "ai"), settings });
  const ledger = new D1Database(
    "ledger",
    { accountId, databaseName: resourceName(stack.name, "ledger"), migrationsDirectory: LEDGER_MIGRATIONS },
    { protect: stack.protectData },
  );
  return { gateway, ledgerDatabaseId: ledger.databaseId };
}

/** The bindings by which a Worker asks models within the stack's budget: every template that asks one has them all. */
export function aiBindings({ gateway, ledgerDatabaseId }: SharedResources) {
  return {
    AI_GATEWAY: { type: "json", json: gateway.workerSettings },
    LEDGER: { type: "d1", databaseId: ledgerDatabaseId },
  };
}
