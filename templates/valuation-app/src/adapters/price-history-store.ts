import * as z from "zod";
import { CATEGORY_NAMES, type CategoryName } from "../domain/category.ts";
import { CONFIDENCES } from "../domain/estimate.ts";
import type { PricePoint } from "../domain/price-history.ts";

const PriceRow = z.object({
  appraised_at: z.int(),
  price: z.int(),
  price_confidence: z.enum(CONFIDENCES),
  model: z.string(),
  stand_in: z.int(),
});

const CourseRow = z.object({ id: z.string(), due_at: z.int().nullable(), point: z.string().nullable() });

const Thing = z.object({ description: z.string(), category: z.enum(CATEGORY_NAMES) });

/** So many points are shown: five years of weeks. */
const MOST_POINTS = 260;

/** What came of wanting to follow a valuation. */
export type Followed = "followed" | "not_found" | "too_many";

/** Which valuations are followed, and what models have said of them since, in D1. */
export class PriceHistoryStore {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /**
   * Follows an owner's valuation. Twice is as once.
   *
   * @param dueAt when a model is asked first, ms
   * @param most that one owner may follow
   */
  async follow(
    owner: string,
    id: string,
    { at, dueAt, most }: { readonly at: number; readonly dueAt: number; readonly most: number },
  ): Promise<Followed> {
    const [, found] = await this.#db.batch<{ followed: number }>([
      this.#db
        .prepare(
          `INSERT INTO followed_valuations (valuation_id, fingerprint, followed_at, due_at)
           SELECT id, fingerprint, ?3, ?4 FROM valuations WHERE id = ?1 AND owner = ?2 AND ?5 >
             (SELECT count(*) FROM valuations JOIN followed_valuations ON valuation_id = id WHERE owner = ?2)
           ON CONFLICT DO NOTHING`,
        )
        .bind(id, owner, at, dueAt, most),
      this.#db
        .prepare(
          `SELECT EXISTS (SELECT 1 FROM followed_valuations WHERE valuation_id = ?1) AS followed
           FROM valuations WHERE id = ?1 AND owner = ?2`,
        )
        .bind(id, owner),
    ]);
    const row = found?.results[0];
    if (!row) return "not_found";
    return row.followed === 1 ? "followed" : "too_many";
  }

  /** Follows it no longer. What was said of it stays. @returns whether there is such a valuation of this owner */
  async unfollow(owner: string, id: string): Promise<boolean> {
    const [, found] = await this.#db.batch([
      this.#db
        .prepare(
          `DELETE FROM followed_valuations WHERE valuation_id = ?1
           AND EXISTS (SELECT 1 FROM valuations WHERE id = ?1 AND owner = ?2)`,
        )
        .bind(id, owner),
      this.#db.prepare("SELECT 1 FROM valuations WHERE id = ?1 AND owner = ?2").bind(id, owner),
    ]);
    return (found?.results.length ?? 0) > 0;
  }

  /** What models said of a thing after a time, oldest first: the newest ones, if there are too many. */
  async pricesSince(fingerprint: string, after: number): Promise<PricePoint[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT appraised_at, price, price_confidence, model, stand_in FROM appraised_prices
         WHERE fingerprint = ?1 AND appraised_at > ?2 ORDER BY appraised_at DESC LIMIT ?3`,
      )
      .bind(fingerprint, after, MOST_POINTS)
      .all();
    return results.map((row) => toPoint(PriceRow.parse(row))).reverse();
  }

  /**
   * Of those of some valuations that are followed or have been: when a model is asked again, and what models said since,
   * oldest first.
   */
  async coursesOf(
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { dueAt: number | null; points: PricePoint[] }>> {
    const courses = new Map<string, { dueAt: number | null; points: PricePoint[] }>();
    if (ids.length === 0) return courses;
    const { results } = await this.#db
      .prepare(
        `SELECT id, due_at,
           CASE WHEN price IS NOT NULL THEN json_object('appraised_at', appraised_at, 'price', price,
             'price_confidence', appraised_prices.price_confidence, 'model', appraised_prices.model,
             'stand_in', appraised_prices.stand_in) END AS point
         FROM valuations
         LEFT JOIN followed_valuations ON valuation_id = id
         LEFT JOIN appraised_prices ON appraised_prices.fingerprint = valuations.fingerprint AND appraised_at > created_at
         WHERE id IN (SELECT value FROM json_each(?1)) AND (due_at IS NOT NULL OR price IS NOT NULL)
         ORDER BY appraised_at`,
      )
      .bind(JSON.stringify(ids))
      .all();
    for (const { id, due_at, point } of results.map((row) => CourseRow.parse(row))) {
      const course = courses.get(id) ?? { dueAt: due_at, points: [] };
      if (point !== null) course.points.push(toPoint(PriceRow.parse(JSON.parse(point))));
      courses.set(id, course);
    }
    return courses;
  }

  /** Fingerprints whose time has come, each once, the one that waits longest first. */
  async due(at: number, most: number): Promise<string[]> {
    const { results } = await this.#db
      .prepare(
        `SELECT fingerprint FROM followed_valuations WHERE due_at <= ?1
         GROUP BY fingerprint ORDER BY min(due_at) LIMIT ?2`,
      )
      .bind(at, most)
      .all<{ fingerprint: string }>();
    return results.map(({ fingerprint }) => fingerprint);
  }

  /** Says when these are due again. */
  async expect(fingerprints: readonly string[], dueAt: number): Promise<void> {
    await this.#db
      .prepare("UPDATE followed_valuations SET due_at = ?2 WHERE fingerprint IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(fingerprints), dueAt)
      .run();
  }

  /** What is to be appraised under a fingerprint; null when nobody follows it any more. */
  async thingOf(fingerprint: string): Promise<{ description: string; category: CategoryName } | null> {
    const row = await this.#db
      .prepare(
        `SELECT description, category FROM followed_valuations JOIN valuations ON id = valuation_id
         WHERE followed_valuations.fingerprint = ?1 LIMIT 1`,
      )
      .bind(fingerprint)
      .first();
    return row && Thing.parse(row);
  }

  /** Writes down what a model said, and when it is asked again. */
  async add(fingerprint: string, point: PricePoint & { readonly model: string }, dueAt: number): Promise<void> {
    await this.#db.batch([
      this.#db
        .prepare(
          `INSERT INTO appraised_prices (fingerprint, appraised_at, price, price_confidence, model, stand_in)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING`,
        )
        .bind(fingerprint, point.at, point.priceCents, point.confidence, point.model, point.standIn ? 1 : 0),
      this.#db.prepare("UPDATE followed_valuations SET due_at = ?2 WHERE fingerprint = ?1").bind(fingerprint, dueAt),
    ]);
  }
}

function toPoint(row: z.infer<typeof PriceRow>): PricePoint {
  return {
    at: row.appraised_at,
    priceCents: row.price,
    confidence: row.price_confidence,
    model: row.model,
    standIn: row.stand_in === 1,
  };
}
