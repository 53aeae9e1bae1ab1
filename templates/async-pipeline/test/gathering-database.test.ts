import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { gatheringDatabase } from "../src/adapters/gathering-database.ts";

beforeAll(async () => {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS gathered (id INTEGER PRIMARY KEY, word TEXT NOT NULL)");
});

it("sends batches that come together in few round trips, and gives each its own results", async () => {
  let sent = 0;
  const database = gatheringDatabase(countingBatches(() => sent++));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      database.batch<{ n: number; twice: number }>([
        database.prepare("SELECT ?1 AS n").bind(n),
        database.prepare("SELECT 2 * ?1 AS twice").bind(n),
      ]),
    ),
  );
  expect(answers.map(([one, two]) => [one?.results[0]?.n, two?.results[0]?.twice])).toEqual(
    Array.from({ length: 20 }, (_, n) => [n, 2 * n]),
  );
  expect(sent).toBe(2);
});

it("lets nobody suffer for another's mistake", async () => {
  const database = gatheringDatabase(env.DB);
  const insert = (id: number, word: string | null) =>
    database.batch([database.prepare("INSERT INTO gathered (id, word) VALUES (?1, ?2)").bind(id, word)]);
  const outcomes = await Promise.allSettled([insert(1, "a"), insert(2, "b"), insert(3, null), insert(4, "d")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  const { results } = await env.DB.prepare("SELECT id FROM gathered ORDER BY id").all();
  expect(results).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
});

/** The database, with an eye on its batches. */
function countingBatches(count: () => void): D1Database {
  return new Proxy(env.DB, {
    get(target, property) {
      if (property === "batch") count();
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
