/** One `batch` call that waits to be sent. */
interface Waiting {
  readonly statements: readonly D1PreparedStatement[];
  readonly resolve: (results: D1Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements of one round trip: well within what D1 does in its 30 seconds. */
const MOST_STATEMENTS = 300;

/**
 * The same database, but `batch` calls that are made while another is under way are sent together as one transaction:
 * a delivery of many messages costs a few round trips instead of some for each. For each caller it is as if its batch
 * had run by itself, after those before it; when the whole is refused, each is sent alone, so that nobody suffers for
 * another's mistake.
 */
export function gatheringDatabase(database: D1Database): D1Database {
  const gather = gatherer(database);
  return new Proxy(database, {
    get(target, property) {
      if (property === "batch") return gather;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function gatherer(database: D1Database) {
  let waiting: Waiting[] = [];
  let sending = false;

  async function sendAll(): Promise<void> {
    sending = true;
    while (waiting.length > 0) {
      const together: Waiting[] = [];
      let statements = 0;
      for (const each of waiting) {
        statements += each.statements.length;
        if (together.length > 0 && statements > MOST_STATEMENTS) break;
        together.push(each);
      }
      waiting = waiting.slice(together.length);
      await send(database, together);
    }
    sending = false;
  }

  return (statements: D1PreparedStatement[]): Promise<D1Result[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ statements, resolve, reject });
      if (!sending) void sendAll();
    });
}

async function send(database: D1Database, together: readonly Waiting[]): Promise<void> {
  try {
    const results = await database.batch(together.flatMap(({ statements }) => [...statements]));
    let from = 0;
    for (const { statements, resolve } of together) {
      resolve(results.slice(from, from + statements.length));
      from += statements.length;
    }
  } catch (error) {
    // One transaction: nothing of it was done, or, when only the answer was lost, all of it; every batch here bears both.
    if (together.length === 1) together[0]?.reject(error);
    else for (const each of together) await send(database, [each]);
  }
}
