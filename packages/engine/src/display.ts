import pc from "picocolors";
import type {
  ChangeCounts,
  Diagnostic,
  EngineEvent,
  OperationName,
  ResourceReference,
  ShownChange,
  StepName,
  UpdateResult,
} from "./events.ts";
import { showValue } from "./show-changes.ts";
import { urnName, urnType } from "./urn.ts";

/** Where and how the progress is shown. */
export interface DisplayOptions {
  readonly stream: { write(text: string): unknown };
  /** @default false */
  readonly color?: boolean | undefined;
  /** Lines of property changes are cut here. @default 120 */
  readonly columns?: number | undefined;
}

interface StepWords {
  readonly sign: string;
  readonly plan: string;
  readonly doing: string;
  readonly done: string;
}

const WORDS: Readonly<Record<StepName, StepWords>> = {
  create: { sign: "+", plan: "create", doing: "creating…", done: "created" },
  update: { sign: "~", plan: "update", doing: "updating…", done: "updated" },
  replace: { sign: "+-", plan: "replace", doing: "replacing…", done: "replaced" },
  delete: { sign: "-", plan: "delete", doing: "deleting…", done: "deleted" },
  same: { sign: "", plan: "unchanged", doing: "", done: "unchanged" },
  import: { sign: "=", plan: "import", doing: "importing…", done: "imported" },
  read: { sign: ">", plan: "read", doing: "reading…", done: "read" },
  refresh: { sign: "~", plan: "refresh", doing: "refreshing…", done: "refreshed" },
};

const TITLES: Readonly<Record<OperationName, string>> = {
  up: "Updating",
  preview: "Previewing update",
  refresh: "Refreshing",
  destroy: "Destroying",
  import: "Importing",
  "update-resource": "Updating one resource of",
};

/** Shows an operation's events as the CLI does: a line per resource as it goes on, then problems, outputs and a summary. */
export function createDisplay({ stream, color = false, columns = 120 }: DisplayOptions): (event: EngineEvent) => void {
  const paint = painter(color);
  // Two parts are held apart by one blank line, whatever stands between them.
  let blank = false;
  const line = (text = "") => {
    if (text !== "" || !blank) stream.write(`${text}\n`);
    blank = text === "";
  };
  return (event) => {
    switch (event.type) {
      case "operation-started":
        line(
          paint.bold(
            `${event.preview && event.operation !== "preview" ? "Previewing: " : ""}${TITLES[event.operation]} (${event.stack})`,
          ),
        );
        line();
        break;
      case "resource-started":
        line(paint.step(event.step, resourceLine(event.resource, event.step, WORDS[event.step].doing)));
        break;
      case "resource-finished": {
        if (event.step === "same") break;
        const words = WORDS[event.step];
        const seconds = (event.durationMs / 1000).toFixed(2);
        const kept = event.retained ? ", kept in the cloud" : "";
        const what = event.replaced ? `${words.done} original` : words.done;
        line(
          paint.step(
            event.step,
            resourceLine(
              event.resource,
              event.step,
              event.preview ? `${words.plan}${kept}` : `${what}${kept} (${seconds}s)`,
            ),
          ),
        );
        for (const change of event.changes) line(paint.change(change, changeLine(change, columns)));
        break;
      }
      case "resource-failed":
        line(paint.red(resourceLine(event.resource, event.step, `${WORDS[event.step].doing.replace("…", "")} failed`)));
        break;
      case "resource-skipped":
        line(paint.dim(resourceLine(event.resource, "same", `skipped: ${event.reason}`)));
        break;
      case "diagnostic":
        if (event.severity === "info" || event.severity === "warning")
          line(paint.severity(event, `    ${event.severity}: ${event.message}`));
        break;
      case "program-output":
        line(`    ${event.text}`);
        break;
      case "notice":
        line(paint.dim(`  ${event.message}`));
        break;
      case "operation-finished":
        for (const text of summary(event.result, event.preview, paint)) line(text);
        break;
    }
  };
}

function resourceLine(resource: ResourceReference, step: StepName, what: string): string {
  return ` ${WORDS[step].sign.padEnd(2)} ${shortType(resource.type)} ${resource.name} ${what}`;
}

function changeLine({ path, kind, old, new: fresh, replaces }: ShownChange, columns: number): string {
  const sign = kind === "add" ? "+" : kind === "remove" ? "-" : "~";
  const value = kind === "add" ? fresh : kind === "remove" ? old : `${old} => ${fresh}`;
  const text = `      ${sign} ${path}: ${value}`;
  // What a change leads to is never cut off.
  const effect = replaces ? " (replaces)" : "";
  const room = Math.max(20, columns - effect.length);
  return (text.length <= room ? text : `${text.slice(0, room - 1)}…`) + effect;
}

function* summary(result: UpdateResult, preview: boolean, paint: Painter): Generator<string> {
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    yield "";
    yield paint.bold("Diagnostics:");
    for (const diagnostic of errors) yield* diagnosticLines(diagnostic, paint);
  }
  const outputs = Object.entries(result.outputs);
  if (outputs.length > 0) {
    yield "";
    yield paint.bold("Outputs:");
    const width = Math.max(...outputs.map(([name]) => name.length));
    for (const [name, { value, secret }] of outputs)
      yield `    ${name.padEnd(width)}: ${secret ? "[secret]" : showValue(value)}`;
  }
  yield "";
  yield paint.bold("Resources:");
  yield* countLines(result.changes, preview, paint);
  yield "";
  const ending = result.outcome === "succeeded" ? "" : ` (${result.outcome})`;
  yield `Duration: ${(result.durationMs / 1000).toFixed(1)}s${ending}`;
}

function* diagnosticLines({ severity, message, urn }: Diagnostic, paint: Painter): Generator<string> {
  if (urn) yield `  ${shortType(urnType(urn))} (${urnName(urn)}):`;
  for (const text of `${severity}: ${message}`.split("\n")) yield paint.severity({ severity }, `    ${text}`);
}

function* countLines(changes: ChangeCounts, preview: boolean, paint: Painter): Generator<string> {
  const steps = Object.keys(WORDS).filter((step): step is StepName => step in WORDS);
  let nothing = true;
  for (const step of steps) {
    if (step === "same" || changes[step] === 0) continue;
    nothing = false;
    const words = WORDS[step];
    yield paint.step(step, `    ${words.sign} ${changes[step]} ${preview ? `to ${words.plan}` : words.done}`);
  }
  if (changes.same > 0 || nothing) yield `    ${changes.same} unchanged`;
}

/** `cloudflare:index/queue:Queue` → `cloudflare:index:Queue` */
function shortType(type: string): string {
  return type.replace(/^([^:]+:[^/:]+)\/[^:]+:/, "$1:");
}

interface Painter {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  step(step: StepName, text: string): string;
  change(change: ShownChange, text: string): string;
  severity(diagnostic: Pick<Diagnostic, "severity">, text: string): string;
}

function painter(color: boolean): Painter {
  const { bold, dim, red, green, yellow, magenta, cyan } = pc.createColors(color);
  const byStep: Readonly<Record<StepName, (text: string) => string>> = {
    create: green,
    update: yellow,
    replace: magenta,
    delete: red,
    same: dim,
    import: cyan,
    read: cyan,
    refresh: yellow,
  };
  return {
    bold,
    dim,
    red,
    step: (step, text) => byStep[step](text),
    change: ({ kind }, text) => (kind === "add" ? green(text) : kind === "remove" ? red(text) : yellow(text)),
    severity: ({ severity }, text) => (severity === "error" ? red(text) : severity === "warning" ? yellow(text) : text),
  };
}
