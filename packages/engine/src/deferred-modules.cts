// Preloaded into every child. Pulumi's SDK loads npm's package manager (for closures it serialises) and OpenTelemetry (for
// `--tracing`) at once, which is half of its start. Here they are loaded when something of theirs is called.
const nodeModule: typeof import("node:module") & { _load: Load } = require("node:module");
type Load = (request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown;
const load: Load = nodeModule._load.bind(nodeModule);

nodeModule._load = (request, parent, isMain) =>
  isDeferred(request, parent?.filename ?? "")
    ? deferred(() => load(request, parent, isMain))
    : load(request, parent, isMain);

function isDeferred(request: string, from: string): boolean {
  if (!/[\\/]@pulumi[\\/]pulumi[\\/]/.test(from)) return false;
  if (request === "@npmcli/arborist") return /[\\/]codePaths\.js$/.test(from);
  // Spans are asked for all the time, of the small part of OpenTelemetry that this leaves alone.
  return /^@opentelemetry\/(?!api$)/.test(request) && /[\\/]cmd[\\/]run[\\/]tracing\.js$/.test(from);
}

/** Stands for a module of functions and classes. */
function deferred(real: () => unknown): unknown {
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
