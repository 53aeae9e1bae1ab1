import type { WorkerDefinition, WorkerModule } from "../core/worker-definition.ts";
import { METER_MODULE } from "./usage-modules.ts";

/** Name of the module that counts the rows of Durable Objects; Workers' code can import it, and does so in their entry. */
const COUNTED_OBJECTS_MODULE = "local-cloud:counted-objects";

/**
 * Storage is no binding that could be made of something else, so its methods are replaced when the first object of a
 * class is made. A cursor knows its rows when it was read, which mostly is at once.
 *
 * @see https://developers.cloudflare.com/durable-objects/platform/pricing/#sqlite-storage-backend
 */
const COUNTED_OBJECTS = `
import { count } from "${METER_MODULE}";

/** The class as it was, but for what its objects use. */
export function counted(Class) {
  const Counted = class extends Class {
    constructor(context, env) {
      watch(context.storage);
      super(context, env);
    }
  };
  Object.defineProperty(Counted, "name", { value: Class.name });
  return Counted;
}

const read = (rows) => count({ "durable_objects.rows_read": rows });
const written = (rows) => count({ "durable_objects.rows_written": rows });
const keysIn = (keys) => (Array.isArray(keys) ? keys.length : 1);

let watched = false;

/** All objects of an isolate have the same methods. */
function watch(storage) {
  if (watched) return;
  watched = true;
  after(storage.sql, "exec", (cursor) => queueMicrotask(() =>
    count({ "durable_objects.rows_read": cursor.rowsRead, "durable_objects.rows_written": cursor.rowsWritten })));
  for (const pairs of storage.kv ? [storage, storage.kv] : [storage]) {
    after(pairs, "get", (_, keys) => read(keysIn(keys)));
    after(pairs, "put", (_, keys) => written(typeof keys === "object" ? Object.keys(keys).length : 1));
    after(pairs, "delete", (_, keys) => written(keysIn(keys)));
  }
  after(storage, "list", (listed) => void listed.then(({ size }) => read(size), () => {}));
  after(storage, "setAlarm", () => written(1));
}

function after(object, method, counts) {
  const methods = Object.getPrototypeOf(object);
  const call = methods[method];
  methods[method] = function (...parameters) {
    const result = call.apply(this, parameters);
    counts(result, ...parameters);
    return result;
  };
}`;

/** For the extensions of workerd's configuration. */
export const COUNTED_OBJECTS_EXTENSION = {
  name: COUNTED_OBJECTS_MODULE,
  esModule: COUNTED_OBJECTS,
  internal: false,
};

/** What becomes code must be a name and nothing else. */
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const ENTRY = "local-cloud-entry.js";

/** The modules of a Worker, with one in front that counts the rows of its Durable Objects. */
export function withCountedObjects(worker: WorkerDefinition): WorkerModule[] {
  const modules = worker.modules();
  const [main] = modules;
  const classes = worker.countedClasses.filter((name) => IDENTIFIER.test(name));
  if (main?.type !== "ESModule" || classes.length === 0) return modules;
  const from = JSON.stringify(`./${main.name}`);
  const lines = [
    `import { counted } from "${COUNTED_OBJECTS_MODULE}";`,
    `import * as worker from ${from};`,
    `export * from ${from};`,
    `export default worker.default;`,
    // What is exported by name goes before what comes with a star.
    ...classes.map((name) => `export const ${name} = counted(worker.${name});`),
  ];
  return [{ name: ENTRY, type: "ESModule", contents: new TextEncoder().encode(lines.join("\n")) }, ...modules];
}
