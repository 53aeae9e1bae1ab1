import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import type { SqlType } from "./functions.ts";
import type { Point } from "./point.ts";
import { SqlError } from "./sql-error.ts";
import { ROWS, type Translation } from "./translate.ts";

/** Points wait this long, in ms, to be written together: nobody waits for `writeDataPoint`. */
const BATCH_DELAY = 250;

const NUMBERS = Array.from({ length: 20 }, (_, i) => i + 1);
const BLOBS = NUMBERS.map((number) => `blob${number}`);
const DOUBLES = NUMBERS.map((number) => `double${number}`);

/** The points of all accounts. */
export class PointStore {
  readonly #ctx: ServiceContext;
  #waiting: { accountId: string; point: Point; time: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(ctx: ServiceContext) {
    this.#ctx = ctx;
    ctx.store.define(`CREATE TABLE IF NOT EXISTS analytics_points (
      account_id TEXT NOT NULL, dataset TEXT NOT NULL, timestamp INTEGER NOT NULL, index1 TEXT,
      ${BLOBS.map((name) => `${name} TEXT`).join(", ")}, ${DOUBLES.map((name) => `${name} REAL`).join(", ")}
    ) STRICT;
    CREATE INDEX IF NOT EXISTS analytics_points_of ON analytics_points (account_id, dataset, timestamp)`);
  }

  add(accountId: string, point: Point): void {
    this.#waiting.push({ accountId, point, time: point.timestamp ?? this.#ctx.clock.now() });
    this.#timer ??= setTimeout(() => this.flush(), BATCH_DELAY).unref();
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const points = this.#waiting;
    this.#waiting = [];
    if (points.length === 0) return;
    const columns = ["account_id", "dataset", "timestamp", "index1", ...BLOBS, ...DOUBLES];
    const insert = `INSERT INTO analytics_points (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    this.#ctx.store.transaction(() => {
      for (const { accountId, point, time } of points) {
        // As at Cloudflare a blob that was not written is empty, a double zero.
        const blobs = BLOBS.map((_, i) => point.blobs[i] ?? "");
        const doubles = DOUBLES.map((_, i) => point.doubles[i] ?? 0);
        const seconds = Math.floor(time / 1000);
        this.#ctx.store.run(insert, accountId, point.dataset, seconds, point.indexes[0] ?? "", ...blobs, ...doubles);
      }
    });
  }

  /** Datasets that have points, by name. */
  datasets(accountId: string): string[] {
    this.flush();
    const sql = "SELECT DISTINCT dataset FROM analytics_points WHERE account_id = ? ORDER BY dataset";
    return this.#ctx.store.all(sql, accountId).map((row) => String(row["dataset"]));
  }

  /** Runs a translated query on one dataset of one account. @throws {SqlError} when nothing was ever written to it. */
  select(accountId: string, query: Extract<Translation, { kind: "select" }>): Row[] {
    if (!this.datasets(accountId).includes(query.dataset)) throw new SqlError(`unable to find table: ${query.dataset}`);
    const rows = `WITH ${ROWS} AS (SELECT *, 1 AS _sample_interval FROM analytics_points WHERE account_id = ? AND dataset = ?)`;
    return this.#ctx.store.all(`${rows} ${query.sql}`, accountId, query.dataset, ...query.values);
  }

  /** The columns of `SHOW TABLES`. */
  static readonly tableColumns: readonly { name: string; type: SqlType }[] = [{ name: "dataset", type: "String" }];
}
