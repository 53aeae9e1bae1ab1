import { parentPort } from "node:worker_threads";
import type { SqliteDatabase } from "../../core/sqlite-database.ts";
import { MessageDatabase } from "./message-database.ts";

/** What the cloud may ask of a database. */
export type Method = Exclude<keyof MessageDatabase, keyof SqliteDatabase | "commit" | "sweep">;

/** One call of a group. `file` names the database. */
export interface Call {
  readonly id: number;
  readonly file: string;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** What became of a call. */
export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: string; readonly errno: unknown };

/** Calls that acknowledge nothing: a power cut may undo them, so they do not wait for the disk. */
const NOT_ACKNOWLEDGED = new Set(["take", "list", "backlog", "summary", "queues"]);

const databases = new Map<string, MessageDatabase>();
let sweeping = false;

parentPort?.on("message", (calls: readonly Call[]) => {
  const answers: Answer[] = [];
  for (const [file, group] of groupBy(calls)) answers.push(...answerGroup(file, group));
  parentPort?.postMessage(answers);
  sweepSoon();
});

function groupBy(calls: readonly Call[]): Map<string, Call[]> {
  const groups = new Map<string, Call[]>();
  for (const call of calls) groups.set(call.file, [...(groups.get(call.file) ?? []), call]);
  return groups;
}

/** All calls in one transaction; when one of them fails, each in one of its own, so that it fails alone. */
function answerGroup(file: string, calls: readonly Call[]): Answer[] {
  const ending = calls.some(({ method }) => method === "close" || method === "closeAll");
  if (!ending && calls.length > 1) {
    try {
      return transact(file, calls);
    } catch {
      // Rolled back: nothing of the group was kept.
    }
  }
  return calls.flatMap((call) => {
    try {
      return transact(file, [call]);
    } catch (error) {
      return { id: call.id, failure: (error as Error).message, errno: (error as { code?: unknown }).code };
    }
  });
}

function transact(file: string, calls: readonly Call[]): Answer[] {
  const [first] = calls;
  if (first?.method === "closeAll" || first?.method === "close") {
    for (const [name, database] of databases) {
      if (first.method === "close" && name !== file) continue;
      database.close();
      databases.delete(name);
    }
    return [{ id: first.id, result: undefined }];
  }
  const database = databases.get(file) ?? open(file);
  databases.set(file, database);
  // `MessageEngine` passes the names of its methods only.
  const methods = database as unknown as Record<string, (...parameters: readonly unknown[]) => unknown>;
  const durable = calls.some(({ method }) => !NOT_ACKNOWLEDGED.has(method));
  return database.commit(durable, () =>
    calls.map(({ id, method, parameters }) => ({ id, result: methods[method]?.(...parameters) })),
  );
}

function open(file: string): MessageDatabase {
  try {
    return new MessageDatabase(file);
  } catch (cause) {
    const message =
      `the messages in ${file} cannot be read (${(cause as Error).message}). The file was left as it is. ` +
      "Restore it from a copy, or move it away to begin with empty queues.";
    throw Object.assign(new Error(message, { cause }), { code: (cause as NodeJS.ErrnoException).code });
  }
}

/** Deletes what was purged, between other calls. */
function sweepSoon(): void {
  if (sweeping) return;
  sweeping = true;
  setTimeout(() => {
    sweeping = false;
    for (const database of databases.values()) {
      try {
        if (database.commit(false, () => database.sweep())) sweepSoon();
      } catch (error) {
        // It is tried again with the next call.
        console.error("queues: purged messages could not be deleted", error);
      }
    }
  }, 5).unref();
}
