import * as z from "zod";
import type { DataPlane, ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import { namespaceNotFound, titleMissing, titleTaken, tooManyNamespaces } from "./errors.ts";

/** A namespace as the API shows it. */
export interface Namespace {
  id: string;
  title: string;
  supports_url_encoding: true;
}

/** How a list is sorted. */
export const NamespaceOrder = z.object({
  order: z.enum(["id", "title"]).default("id"),
  direction: z.enum(["asc", "desc"]).default("asc"),
});
export type NamespaceOrder = z.infer<typeof NamespaceOrder>;

/** The namespaces of all accounts. Their pairs live in the runtime. */
export class NamespaceStore {
  readonly #ctx: ServiceContext;
  readonly #data: DataPlane;

  constructor(ctx: ServiceContext, data: DataPlane) {
    this.#ctx = ctx;
    this.#data = data;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS kv_namespaces (
      id TEXT PRIMARY KEY, account_id TEXT NOT NULL, title TEXT NOT NULL, UNIQUE (account_id, title)
    ) STRICT`);
  }

  list(accountId: string, { order, direction }: NamespaceOrder = { order: "id", direction: "asc" }): Namespace[] {
    const rows = this.#ctx.store.all("SELECT * FROM kv_namespaces WHERE account_id = ?", accountId).map(fromRow);
    rows.sort((a, b) => (a[order] < b[order] ? -1 : 1));
    return direction === "asc" ? rows : rows.reverse();
  }

  /** @throws {ApiError} 10013 */
  get(accountId: string, id: string): Namespace {
    const row = this.#ctx.store.get("SELECT * FROM kv_namespaces WHERE account_id = ? AND id = ?", accountId, id);
    if (!row) throw namespaceNotFound();
    return fromRow(row);
  }

  /** @throws {ApiError} 10014 when the title is taken, 10018 when the plan has no more. */
  create(accountId: string, title: string): Namespace {
    this.#checkTitle(accountId, title);
    const limit = this.#ctx.limits(accountId).kvNamespaces;
    if (this.list(accountId).length >= limit) throw tooManyNamespaces(limit);
    const id = this.#ctx.ids.hex();
    this.#ctx.store.run("INSERT INTO kv_namespaces (id, account_id, title) VALUES (?, ?, ?)", id, accountId, title);
    this.#changed(accountId, "create", title);
    return this.get(accountId, id);
  }

  /** @throws {ApiError} 10013, 10014 */
  rename(accountId: string, id: string, title: string): Namespace {
    if (this.get(accountId, id).title !== title) {
      this.#checkTitle(accountId, title);
      this.#ctx.store.run("UPDATE kv_namespaces SET title = ? WHERE id = ?", title, id);
      this.#changed(accountId, "update", title);
    }
    return this.get(accountId, id);
  }

  /** Removes a namespace with all its pairs. @throws {ApiError} 10013 */
  async delete(accountId: string, id: string): Promise<void> {
    const { title } = this.get(accountId, id);
    this.#ctx.store.run("DELETE FROM kv_namespaces WHERE id = ?", id);
    await this.#data.remove(accountId, { type: "kv", namespaceId: id });
    this.#changed(accountId, "delete", title);
  }

  #checkTitle(accountId: string, title: string): void {
    if (title.trim() === "") throw titleMissing();
    if (this.list(accountId).some((namespace) => namespace.title === title)) throw titleTaken();
  }

  #changed(accountId: string, action: string, resource: string): void {
    this.#data.changed(accountId);
    this.#ctx.activity.record({ type: "change", accountId, product: "kv", action, resource });
  }
}

const fromRow = (row: Row): Namespace => ({
  id: String(row["id"]),
  title: String(row["title"]),
  supports_url_encoding: true,
});
