import { SourceMap, type SourceMapPayload } from "node:module";
import type { ActivityLog } from "../../core/activity.ts";
import type { TraceEvent } from "../../core/trace-event.ts";
import type { UploadedModule } from "./upload.ts";

/** Source maps of a script by module name, e.g. `index.js`. */
export type FindModules = (accountId: string, script: string) => readonly UploadedModule[];

/** Records what Workers wrote and the exceptions nobody caught, with stacks of the sources when maps were uploaded. */
export function recordTrace(
  activity: ActivityLog,
  findModules: FindModules,
  accountId: string,
  script: string,
  events: readonly TraceEvent[],
): void {
  for (const event of events) {
    for (const { level, message } of event.logs)
      activity.record({ type: "log", accountId, script, level, message: text(message) });
    for (const { name, message, stack } of event.exceptions) {
      const mapped = stack ? `\n${mapStack(stack, script, findModules(accountId, script))}` : "";
      activity.record({ type: "log", accountId, script, level: "exception", message: `${name}: ${message}${mapped}` });
    }
  }
}

function text(message: unknown): string {
  const parts = Array.isArray(message) ? (message as unknown[]) : [message];
  return parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ");
}

/** Puts the places of the sources into a stack of a bundle. */
function mapStack(stack: string, script: string, modules: readonly UploadedModule[]): string {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (name: string): SourceMap | undefined => {
    if (!maps.has(name)) maps.set(name, readMap(modules.find((module) => module.name === `${name}.map`)));
    return maps.get(name);
  };
  return stack.replaceAll(
    /(?:file:\/\/)?\/?([^\s():]+):(\d+):(\d+)/g,
    (place, path: string, line: string, column: string) => {
      const name = path.startsWith(`${script}/`) ? path.slice(script.length + 1) : path;
      const found = mapOf(name)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (found === undefined || !("originalSource" in found)) return place.replace(`file:///${script}/`, "");
      return `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    },
  );
}

function readMap(module: UploadedModule | undefined): SourceMap | undefined {
  if (module === undefined) return undefined;
  try {
    return new SourceMap(JSON.parse(new TextDecoder().decode(module.contents)) as SourceMapPayload);
  } catch {
    // A broken map only costs the better stack.
    return undefined;
  }
}
