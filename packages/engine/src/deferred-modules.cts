// Preloaded into every child. Pulumi's SDK loads at once what most programs never use: npm's package manager and a TypeScript
// compiler (for closures it serialises), its Automation API, and OpenTelemetry (for `--tracing`). That is most of its start.
// Here they are loaded when something of theirs is used.
const nodeModule: typeof import("node:module") & { _load: Load } = require("node:module");
type Load = (request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown;
const load: Load = nodeModule._load.bind(nodeModule);

nodeModule._load = (request, parent, isMain) => {
  const from = parent?.filename ?? "";
  const real = () => load(request, parent, isMain);
  if (!/[\\/]@pulumi[\\/]pulumi[\\/]/.test(from)) return real();
  if (isDeferred(request, from)) return deferred(real);
  if (holdsFunctionsOnly(request, from)) return deferredFunctions(real);
  if (request !== "source-map-support/register") return real();
  const loaded = real();
  leaveLeakTracesAlone();
  return loaded;
};

function isDeferred(request: string, from: string): boolean {
  if (request === "./automation") return /[\\/]pulumi[\\/]index\.js$/.test(from);
  return /[\\/]typescript-shim$/.test(request);
}

function holdsFunctionsOnly(request: string, from: string): boolean {
  if (request === "@npmcli/arborist") return /[\\/]codePaths\.js$/.test(from);
  // Spans are asked for all the time, of the small part of OpenTelemetry that this leaves alone.
  return /^@opentelemetry\/(?!api$)/.test(request) && /[\\/]cmd[\\/]run[\\/]tracing\.js$/.test(from);
}

/** Stands for a module: whoever looks at any of its members loads it. */
function deferred(real: () => unknown): unknown {
  let found: object | undefined;
  const members = () => {
    found ??= Object(real()) as object; // what a module exports
    return found;
  };
  return new Proxy(
    {},
    {
      get: (_, name) => (name === "__esModule" ? true : Reflect.get(members(), name)),
      has: (_, name) => Reflect.has(members(), name),
      ownKeys: () => Reflect.ownKeys(members()),
      getOwnPropertyDescriptor: (_, name) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(members(), name);
        return descriptor && { ...descriptor, configurable: true };
      },
    },
  );
}

/** Stands for a module of functions and classes, whose members may be taken, too, before one of them is called. */
function deferredFunctions(real: () => unknown): unknown {
  let found: unknown;
  const members = (): Record<string, unknown> => {
    found ??= real();
    return found as Record<string, unknown>; // what a module exports
  };
  return new Proxy({}, { get: (_, name) => name === "__esModule" || callable(() => members()[String(name)]) });
}

function callable(real: () => unknown): unknown {
  const target = () => real() as (...args: unknown[]) => unknown; // only functions and classes are taken from these modules
  return new Proxy(() => {}, {
    apply: (_, self, args) => Reflect.apply(target(), self, args),
    construct: (_, args) => Reflect.construct(target(), args) as object,
    get: (_, name) => Reflect.get(target(), name),
  });
}

/**
 * For its search for leaks the SDK notes a stack trace with every promise, hundreds of them, and source maps make each
 * cost milliseconds. These are noted as they are; the traces of errors are mapped as ever.
 */
function leaveLeakTracesAlone(): void {
  const mapped = Error.prepareStackTrace?.bind(Error);
  if (!mapped) return;
  const place = (frame: NodeJS.CallSite) =>
    `${frame.getFunctionName() ?? "<anonymous>"} (${frame.getFileName()}:${frame.getLineNumber()})`;
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise"
      ? [String(error), ...frames.map(place)].join("\n    at ")
      : mapped(error, frames);
}
