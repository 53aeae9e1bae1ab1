import { log } from "@tenner/worker-kit/log";
import type { ChatRequest } from "../openai/chat-request.ts";

/** A question whose answer was kept. */
export interface NotedQuestion {
  /** The answer's. */
  readonly key: string;
  readonly text: string;
}

interface Noted extends NotedQuestion {
  readonly tenant: string;
  /** ms; when the day began, UTC. */
  readonly day: number;
  readonly savedNano: number;
}

const MOST_CHARACTERS = 200;

/** Different questions that an isolate holds until they are written; more are not counted. */
const MOST_HELD = 200;

let held = new Map<string, Noted & { hits: number }>();

/** The last thing a person said, in one short line; null when there is none. */
export function questionText({ messages }: Pick<ChatRequest, "messages">): string | null {
  const content = messages.findLast(({ role }) => role === "user")?.content;
  const text = typeof content === "string" ? content : (content ?? []).map((part) => part.text).join(" ");
  const line = text.replace(/\s+/g, " ").trim();
  return line === "" ? null : line.slice(0, MOST_CHARACTERS).toWellFormed();
}

/** Counts a question that was answered without a call. */
export function noteQuestion(noted: Noted): void {
  const place = JSON.stringify([noted.tenant, noted.day, noted.key]);
  const known = held.get(place);
  if (!known && held.size >= MOST_HELD) return;
  held.set(place, {
    ...noted,
    savedNano: noted.savedNano + (known?.savedNano ?? 0),
    hits: 1 + (known?.hits ?? 0),
  });
}

/** Writes what was counted. These counts are for looking at: what cannot be written is lost, and logged. */
export async function writeQuestions(database: D1Database): Promise<void> {
  const taken = [...held.values()];
  if (taken.length === 0) return;
  held = new Map();
  const rows = taken.map(({ tenant, day, key, text, hits, savedNano }) => [tenant, day, key, text, hits, savedNano]);
  try {
    await database
      .prepare(
        `INSERT INTO top_questions (tenant, day, key, question, hits, saved_nano)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?1) WHERE true
         ON CONFLICT (tenant, day, key) DO UPDATE SET hits = hits + excluded.hits, saved_nano = saved_nano + excluded.saved_nano`,
      )
      .bind(JSON.stringify(rows))
      .run();
  } catch (error) {
    log("error", "top_questions_failed", { message: String(error) });
  }
}

/** A question of many. */
export interface TopQuestion {
  readonly key: string;
  readonly question: string;
  readonly hits: number;
  readonly savedNano: number;
}

/** A tenant's questions that were answered most often without a call, in whole days. */
export async function readTopQuestions(
  database: D1Database,
  { tenant, from, to, limit }: { tenant: string; from: number; to: number; limit: number },
): Promise<TopQuestion[]> {
  const { results } = await database
    .prepare(
      `SELECT key, min(question) AS question, sum(hits) AS hits, sum(saved_nano) AS savedNano FROM top_questions
       WHERE tenant = ?1 AND day >= ?2 AND day < ?3 GROUP BY key ORDER BY hits DESC, key LIMIT ?4`,
    )
    .bind(tenant, from, to, limit)
    .all<TopQuestion>();
  return results;
}

/** Forgets questions of days before `day` (ms). */
export async function forgetQuestions(database: D1Database, day: number): Promise<void> {
  await database.prepare("DELETE FROM top_questions WHERE day < ?1").bind(day).run();
}
