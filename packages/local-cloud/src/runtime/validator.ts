import { Log, LogLevel, type Miniflare } from "miniflare";
import type { Candidate, Validation } from "../core/code-check.ts";
import type { WorkerModule } from "../core/worker-definition.ts";
import { createInstance } from "./instance.ts";

/**
 * Starts uploaded code in a workerd of its own (through workerd's Worker loader) and tells whether it starts and which
 * handlers it has. So broken code never replaces code that runs.
 */
export class Validator {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #idleAfter: number;
  readonly #startupTimeout: number;
  #instance: Promise<{ miniflare: Miniflare; url: URL }> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<void> = Promise.resolve();

  /**
   * @param idleAfter ms without a candidate after which its workerd ends
   * @param startupTimeout ms that code may take to start before it is refused
   */
  constructor(environment: Readonly<Record<string, string>>, idleAfter: number, startupTimeout: number) {
    this.#environment = environment;
    this.#idleAfter = idleAfter;
    this.#startupTimeout = startupTimeout;
  }

  /** One candidate at a time: code that never ends its start-up would take the others with it. */
  validate(candidate: Candidate): Promise<Validation> {
    const work = this.#queue.then(() => this.#validate(candidate));
    this.#queue = work.then(
      () => {},
      () => {},
    );
    return work;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const instance = this.#instance;
    this.#instance = undefined;
    const started = await instance?.catch(() => undefined);
    await started?.miniflare.dispose();
  }

  async #validate(candidate: Candidate): Promise<Validation> {
    clearTimeout(this.#timer);
    const validation = (await this.#attempt(candidate)) ?? (await this.#attempt(candidate)) ?? NOT_STARTED;
    this.#timer = setTimeout(() => void this.close().catch(() => {}), this.#idleAfter).unref();
    return validation;
  }

  /** Undefined when the validator ended meanwhile. */
  async #attempt(candidate: Candidate): Promise<Validation | undefined> {
    this.#instance ??= startInstance(this.#environment);
    const instance = this.#instance;
    try {
      const { url } = await instance;
      const modules = candidate.modules.map((module) => [module.name, loaderModule(module)]);
      const body = JSON.stringify({ ...candidate, modules: Object.fromEntries(modules) });
      const response = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(this.#startupTimeout) });
      return (await response.json()) as Validation;
    } catch (error) {
      if (this.#instance === instance) await this.close();
      if ((error as Error).name === "TimeoutError") return { ok: false, message: STARTUP_EXCEEDED };
      return undefined;
    }
  }
}

const STARTUP_EXCEEDED = "Script startup exceeded CPU time limit.";
const NOT_STARTED: Validation = { ok: false, message: "Script did not start: it ended the runtime twice." };

async function startInstance(environment: Readonly<Record<string, string>>) {
  const miniflare = createInstance({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    handleStructuredLogs: () => {},
    unsafeRuntimeEnv: { ...environment },
    name: "validator",
    modules: [{ type: "ESModule", path: "/validator/index.js", contents: VALIDATOR }],
    modulesRoot: "/validator",
    compatibilityDate: "2026-01-01",
    workerLoaders: { LOADER: {} },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  });
  await miniflare.ready;
  return { miniflare, url: await miniflare.unsafeGetDirectURL("validator") };
}

function loaderModule({ type, contents }: WorkerModule): Record<string, string> {
  const text = () => new TextDecoder().decode(contents);
  switch (type) {
    case "ESModule":
      return { js: text() };
    case "CommonJS":
      return { cjs: text() };
    case "PythonModule":
      return { py: text() };
    case "Text":
      return { text: text() };
    case "Data":
      return { data: Buffer.from(contents).toString("base64") };
    case "CompiledWasm":
      return { wasm: Buffer.from(contents).toString("base64") };
  }
}

/** Imports the candidate's main module and tells what it exports. */
const INSPECTOR = `
const KNOWN = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];
const handlersOf = (value) => {
  const names = new Set();
  for (let at = typeof value === "function" ? value.prototype : value; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return KNOWN.filter((name) => names.has(name));
};
export const inspect = (exports) => ({
  handlers: handlersOf(exports.default),
  namedHandlers: Object.entries(exports)
    .filter(([name, value]) => name !== "default" && value !== null && (typeof value === "function" || typeof value === "object"))
    .map(([name, value]) => ({ name, handlers: typeof value === "function" && value.prototype ? ["class"] : handlersOf(value) }))
    .filter(({ handlers }) => handlers.length > 0),
});
`;

const VALIDATOR = `
const INSPECTOR = ${JSON.stringify(INSPECTOR)};
const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;

export default {
  async fetch(request, env) {
    const { mainModule, modules, compatibilityDate, compatibilityFlags, env: bindings } = await request.json();
    for (const module of Object.values(modules)) {
      if ("data" in module) module.data = bytes(module.data);
      if ("wasm" in module) module.wasm = bytes(module.wasm);
    }
    const main = "__local_cloud_inspector.js";
    modules[main] = { js: INSPECTOR + "import * as main from " + JSON.stringify("./" + mainModule)
      + "; export default { fetch: () => Response.json(inspect(main)) };" };
    const started = Date.now();
    try {
      const worker = env.LOADER.get(crypto.randomUUID(), () =>
        ({ mainModule: main, modules, compatibilityDate, compatibilityFlags, env: bindings, globalOutbound: null }));
      const response = await worker.getEntrypoint().fetch("http://validator/");
      return Response.json({ ok: true, ...(await response.json()), startupTime: Math.max(1, Date.now() - started) });
    } catch (error) {
      return Response.json({ ok: false, message: String(error.message).replace(/^Failed to start Worker:\\n/, "") });
    }
  },
};`;
