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
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly created_on: string;
}

/** What an account needs to be made. Without an id a new one is made up. */
export interface NewAccount {
  id?: string;
  name: string;
  /** @default "free" */
  plan?: Plan;
}

/** The cloud's accounts, and so the source of `ctx.limits`. Asked at every call, so they are in memory, too. */
export class AccountStore {
  readonly #ctx: Pick<ServiceContext, "store" | "clock" | "ids">;
  readonly #accounts = new Map<string, Account>();

  constructor(ctx: Pick<ServiceContext, "store" | "clock" | "ids">) {
    this.#ctx = ctx;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS accounts (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, plan TEXT NOT NULL, created_on TEXT NOT NULL
    ) STRICT`);
    for (const row of ctx.store.all("SELECT * FROM accounts ORDER BY created_on, id")) this.#keep(fromRow(row));
  }

  /** Oldest first. */
  list(): Account[] {
    return [...this.#accounts.values()];
  }

  has(id: string): boolean {
    return this.#accounts.has(id);
  }

  /** @throws {ApiError} 7003 for what is no id, 9109 when there is no such account. */
  get(id: string): Account {
    const account = this.#accounts.get(id);
    if (account) return account;
    throw /^[0-9a-f]{32}$/.test(id) ? accountNotFound() : invalidAccountId(id);
  }

  /** The account with this id, or without an id of this name; made when it is not there. Keeps an existing one's plan. */
  ensure({ id, name, plan = "free" }: NewAccount): Account {
    const known = this.list().find((account) => (id === undefined ? account.name === name : account.id === id));
    if (known) return known;
    if (name.trim() === "") throw nameMissing();
    if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) throw invalidAccountId(id);
    const account = {
      id: id ?? this.#ctx.ids.hex(),
      name,
      plan,
      created_on: timestamp(this.#ctx.clock.now()),
    };
    this.#ctx.store.run(
      "INSERT INTO accounts (id, name, plan, created_on) VALUES (?, ?, ?, ?)",
      ...[account.id, name, plan, account.created_on],
    );
    return this.#keep(account);
  }

  rename(id: string, name: string): Account {
    if (name.trim() === "") throw nameMissing();
    const account = this.get(id);
    this.#ctx.store.run("UPDATE accounts SET name = ? WHERE id = ?", name, id);
    return this.#keep({ ...account, name });
  }

  setPlan(id: string, plan: Plan): Account {
    const account = this.get(id);
    this.#ctx.store.run("UPDATE accounts SET plan = ? WHERE id = ?", plan, id);
    return this.#keep({ ...account, plan });
  }

  /** Forgets an account that was emptied. */
  remove(id: string): void {
    const account = this.get(id);
    this.#ctx.store.run("DELETE FROM accounts WHERE id = ?", account.id);
    this.#accounts.delete(account.id);
  }

  /** What the account's plan allows. @throws {ApiError} 9109 */
  limits(id: string): PlanLimits {
    return PLANS[this.get(id).plan];
  }

  #keep(account: Account): Account {
    this.#accounts.set(account.id, account);
    return account;
  }
}

const fromRow = (row: Row): Account => ({
  id: String(row["id"]),
  name: String(row["name"]),
  plan: Plan.parse(row["plan"]),
  created_on: String(row["created_on"]),
});
