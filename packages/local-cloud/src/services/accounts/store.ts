import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import { PLANS, type PlanLimits } from "../../core/plan.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { accountNotFound, invalidAccountId, nameMissing } from "./errors.ts";

/** The plans an account may have. */
export const Plan = z.enum(["free", "paid"]);
export type Plan = z.infer<typeof Plan>;

/** An account. */
export interface Account {
  /** 32 hexadecimal digits. */
  id: string;
  name: string;
  plan: Plan;
  created_on: string;
}

/** What an account needs to be made. Without an id a new one is made up. */
export interface NewAccount {
  id?: string;
  name: string;
  /** @default "free" */
  plan?: Plan;
}

/** The cloud's accounts, and so the source of `ctx.limits`. */
export class AccountStore {
  readonly #ctx: Pick<ServiceContext, "store" | "clock" | "ids">;

  constructor(ctx: Pick<ServiceContext, "store" | "clock" | "ids">) {
    this.#ctx = ctx;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS accounts (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, plan TEXT NOT NULL, created_on TEXT NOT NULL
    ) STRICT`);
  }

  /** Oldest first. */
  list(): Account[] {
    return this.#ctx.store.all("SELECT * FROM accounts ORDER BY created_on, id").map(fromRow);
  }

  has(id: string): boolean {
    return this.#ctx.store.get("SELECT 1 FROM accounts WHERE id = ?", id) !== undefined;
  }

  /** @throws {ApiError} 7003 for what is no id, 9109 when there is no such account. */
  get(id: string): Account {
    if (!/^[0-9a-f]{32}$/.test(id)) throw invalidAccountId(id);
    const row = this.#ctx.store.get("SELECT * FROM accounts WHERE id = ?", id);
    if (!row) throw accountNotFound();
    return fromRow(row);
  }

  /** The account with this id, or without an id of this name; made when it is not there. Keeps an existing one's plan. */
  ensure({ id, name, plan = "free" }: NewAccount): Account {
    const known = this.list().find((account) => (id === undefined ? account.name === name : account.id === id));
    if (known) return known;
    if (name.trim() === "") throw nameMissing();
    if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) throw invalidAccountId(id);
    const created = id ?? this.#ctx.ids.hex();
    this.#ctx.store.run(
      "INSERT INTO accounts (id, name, plan, created_on) VALUES (?, ?, ?, ?)",
      created,
      name,
      plan,
      timestamp(this.#ctx.clock.now()),
    );
    return this.get(created);
  }

  rename(id: string, name: string): Account {
    if (name.trim() === "") throw nameMissing();
    this.get(id);
    this.#ctx.store.run("UPDATE accounts SET name = ? WHERE id = ?", name, id);
    return this.get(id);
  }

  setPlan(id: string, plan: Plan): Account {
    this.get(id);
    this.#ctx.store.run("UPDATE accounts SET plan = ? WHERE id = ?", plan, id);
    return this.get(id);
  }

  /** What the account's plan allows. @throws {ApiError} 9109 */
  limits(id: string): PlanLimits {
    return PLANS[this.get(id).plan];
  }
}

const fromRow = (row: Row): Account => ({
  id: String(row["id"]),
  name: String(row["name"]),
  plan: Plan.parse(row["plan"]),
  created_on: String(row["created_on"]),
});
