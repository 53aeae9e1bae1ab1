import * as z from "zod";
import { CATEGORY_NAMES, type CategoryName } from "../domain/category.ts";
import { CONFIDENCES } from "../domain/estimate.ts";
import { TIERS, type Tier } from "../domain/tier.ts";
import type { TokenConversions } from "../domain/token-conversions.ts";
import { Trace } from "../domain/trace.ts";
import type { ListedValuation, Origin, Valuation } from "../domain/valuation.ts";

/** A row of `valuations`: the one place where the table has its type. */
const Row = z.object({
  id: z.string(),
  owner: z.string(),
  auth_status: z.enum(["visitor", "member", "api_key"]),
  submission: z.string().nullable(),
  fingerprint: z.string(),
  description: z.string(),
  category: z.enum(CATEGORY_NAMES),
  item_name: z.string(),
  item_price: z.int(),
  price_confidence: z.enum(CONFIDENCES),
  tier: z.enum(TIERS),
  token_conversions: z.string(),
  what_you_could_do: z.string(),
  analysis: z.string(),
  image_url: z.string().nullable(),
  origin: z.enum(["ai", "estimate"]),
  reason: z
    .enum(["budget_exhausted", "rate_limited", "model_unavailable", "invalid_answer", "timeout", "internal"])
    .nullable(),
  model: z.string().nullable(),
  fallback: z.int(),
  stand_in: z.int(),
  ai_raw_response: z.string().nullable(),
  way: z.enum(["asked", "joined", "kept"]),
  took_ms: z.int(),
  cost_nano: z.int(),
  trace: z.string().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
});
type Row = z.infer<typeof Row>;

const COLUMNS = Object.keys(Row.shape) as (keyof Row)[]; // keys of the schema are its own
const LISTED =
  "id, fingerprint, item_name, category, item_price, tier, price_confidence, origin, reason, model, fallback, stand_in, image_url, created_at";

/** Whose a valuation is. */
export interface Owner {
  /** `visitor:<id>`, `member:<tenant>:<subject>` or `tenant:<name>`. */
  readonly id: string;
  /** By what it was known: a signed cookie, an issuer's token, an API key. */
  readonly authStatus: "visitor" | "member" | "api_key";
}

/** What a valuation has besides what is shown of it. */
export interface NewValuation extends Valuation {
  readonly owner: Owner;
  readonly submission: string | null;
  readonly raw: string | null;
  readonly trace: Trace;
}

/** Which of an owner's valuations. */
export interface HistoryFilter {
  /** Part of the description or of the item's name. */
  readonly search?: string | undefined;
  readonly category?: CategoryName | undefined;
  readonly tier?: Tier | undefined;
  readonly origin?: Origin["kind"] | undefined;
  /** The id of the last one of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The valuations in D1. */
export class ValuationStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** Writes a valuation, or finds the one that the same form has made already. */
  async create(made: NewValuation): Promise<Valuation> {
    const row = toRow(made);
    const { meta } = await this.#db
      .prepare(
        `INSERT INTO valuations (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})
         ON CONFLICT (owner, submission, fingerprint) WHERE submission IS NOT NULL DO NOTHING`,
      )
      .bind(...COLUMNS.map((column) => row[column]))
      .run();
    if (meta.changes === 1 || row.submission === null) return toValuation(row);
    const before = await this.findSubmitted(row.owner, row.submission, row.fingerprint);
    if (!before) throw new Error("what the same form had made was removed while it was sent again");
    return before;
  }

  /** What a form has made already. */
  async findSubmitted(owner: string, submission: string, fingerprint: string): Promise<Valuation | null> {
    const row = await this.#db
      .prepare("SELECT * FROM valuations WHERE owner = ?1 AND submission = ?2 AND fingerprint = ?3")
      .bind(owner, submission, fingerprint)
      .first();
    return row && toValuation(Row.parse(row));
  }

  /** Any valuation by its id, which is what sharing one means. */
  async find(id: string): Promise<{ valuation: Valuation; owner: string } | null> {
    const row = await this.#db.prepare("SELECT * FROM valuations WHERE id = ?1").bind(id).first();
    if (!row) return null;
    const parsed = Row.parse(row);
    return { valuation: toValuation(parsed), owner: parsed.owner };
  }

  /** What was measured while a valuation was made; null when nothing was, or it cannot be read. */
  async findTrace(id: string): Promise<Trace | null> {
    const row = await this.#db
      .prepare("SELECT trace FROM valuations WHERE id = ?1")
      .bind(id)
      .first<{ trace: string | null }>();
    if (!row?.trace) return null;
    return Trace.safeParse(JSON.parse(row.trace)).data ?? null; // as toRow wrote it
  }

  /** An owner's valuations, newest first. */
  async list(owner: string, filter: HistoryFilter): Promise<ListedValuation[]> {
    const conditions = ["owner = ?"];
    const values: unknown[] = [owner];
    const add = (condition: string, value: unknown) => {
      conditions.push(condition);
      values.push(value);
    };
    if (filter.before !== undefined) add("id < ?", filter.before);
    if (filter.category !== undefined) add("category = ?", filter.category);
    if (filter.tier !== undefined) add("tier = ?", filter.tier);
    if (filter.origin !== undefined) add("origin = ?", filter.origin);
    // instr, not LIKE: a person's % and _ are what they look like.
    if (filter.search) add("instr(lower(item_name || ' ' || description), lower(?)) > 0", filter.search);
    const { results } = await this.#db
      .prepare(`SELECT ${LISTED} FROM valuations WHERE ${conditions.join(" AND ")} ORDER BY id DESC LIMIT ?`)
      .bind(...values, filter.limit)
      .all();
    return results.map((row) => toListed(ListedRow.parse(row)));
  }

  /** Gives all of somebody's valuations to somebody else. One that both have of the same form stays where it is. */
  async handOver(from: string, to: Owner): Promise<void> {
    await this.#db
      .prepare("UPDATE OR IGNORE valuations SET owner = ?2, auth_status = ?3 WHERE owner = ?1")
      .bind(from, to.id, to.authStatus)
      .run();
  }

  /**
   * Removes an owner's valuation.
   * @returns null when there was none; `picture` when nothing shows its picture any more
   */
  async remove(owner: string, id: string): Promise<{ orphan: string | null } | null> {
    const removed = await this.#db
      .prepare("DELETE FROM valuations WHERE id = ?1 AND owner = ?2 RETURNING image_url, fingerprint")
      .bind(id, owner)
      .first<{ image_url: string | null; fingerprint: string }>();
    if (!removed) return null;
    await this.#db
      .prepare(
        `DELETE FROM appraised_prices WHERE fingerprint = ?1
         AND NOT EXISTS (SELECT 1 FROM valuations WHERE fingerprint = ?1)`,
      )
      .bind(removed.fingerprint)
      .run();
    if (removed.image_url === null) return { orphan: null };
    const other = await this.#db
      .prepare("SELECT 1 FROM valuations WHERE image_url = ?1 LIMIT 1")
      .bind(removed.image_url)
      .first();
    return { orphan: other ? null : removed.image_url };
  }
}

const ListedRow = Row.pick({
  id: true,
  fingerprint: true,
  item_name: true,
  category: true,
  item_price: true,
  tier: true,
  price_confidence: true,
  origin: true,
  reason: true,
  model: true,
  fallback: true,
  stand_in: true,
  image_url: true,
  created_at: true,
});

function toRow({ owner, origin, ...made }: NewValuation): Row {
  const ai = origin.kind === "ai" ? origin : null;
  return {
    id: made.id,
    owner: owner.id,
    auth_status: owner.authStatus,
    submission: made.submission,
    fingerprint: made.fingerprint,
    description: made.description,
    category: made.category,
    item_name: made.itemName,
    item_price: made.priceCents,
    price_confidence: made.confidence,
    tier: made.tier,
    token_conversions: JSON.stringify(made.conversions),
    what_you_could_do: JSON.stringify(made.whatYouCouldDo),
    analysis: made.analysis,
    image_url: made.picture,
    origin: origin.kind,
    reason: origin.kind === "estimate" ? origin.reason : null,
    model: ai?.model ?? null,
    fallback: ai?.fallback ? 1 : 0,
    stand_in: ai?.standIn ? 1 : 0,
    ai_raw_response: made.raw,
    way: made.way,
    took_ms: made.tookMs,
    cost_nano: made.costNano,
    trace: JSON.stringify(made.trace),
    created_at: made.createdAt,
    updated_at: made.createdAt,
  };
}

function toValuation(row: Row): Valuation {
  return {
    ...toListed(row),
    description: row.description,
    analysis: row.analysis,
    whatYouCouldDo: JSON.parse(row.what_you_could_do) as string[], // as toRow wrote it
    conversions: JSON.parse(row.token_conversions) as TokenConversions, // as toRow wrote it
    way: row.way,
    tookMs: row.took_ms,
    costNano: row.cost_nano,
  };
}

function toListed(row: z.infer<typeof ListedRow>): ListedValuation {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    category: row.category,
    itemName: row.item_name,
    priceCents: row.item_price,
    confidence: row.price_confidence,
    tier: row.tier,
    origin:
      row.origin === "ai"
        ? { kind: "ai", model: row.model ?? "", fallback: row.fallback === 1, standIn: row.stand_in === 1 }
        : { kind: "estimate", reason: row.reason ?? "internal" },
    picture: row.image_url,
    createdAt: row.created_at,
  };
}
