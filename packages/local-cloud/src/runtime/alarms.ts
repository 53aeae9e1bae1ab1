import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * The earliest alarm that Durable Objects of an account have set, in ms since 1970. workerd keeps them beside the
 * objects' data (`do/<namespace>/metadata.sqlite`), in nanoseconds.
 *
 * @param directory the account's folder.
 */
export function nextAlarm(directory: string): number | undefined {
  const root = join(directory, "do");
  if (!existsSync(root)) return undefined;
  let earliest: number | undefined;
  for (const namespace of readdirSync(root)) {
    const alarm = earliestOf(join(root, namespace, "metadata.sqlite"));
    if (alarm !== undefined && (earliest === undefined || alarm < earliest)) earliest = alarm;
  }
  return earliest;
}

function earliestOf(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    const query = database.prepare("SELECT min(scheduled_time) AS at FROM _cf_ALARM");
    query.setReadBigInts(true);
    const at = query.get()?.["at"];
    return typeof at === "bigint" ? Number(at / 1_000_000n) : undefined;
  } catch {
    // No table yet, or the runtime is just making the file: then there is no alarm to wake for.
    return undefined;
  } finally {
    database?.close();
  }
}
