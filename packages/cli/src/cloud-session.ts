import { mkdir } from "node:fs/promises";
import { type Cloud, createCloud, type RecordedActivity } from "@tenner/local-cloud";
import * as z from "zod";
import { forgetStackOf, localAccountOf } from "./local-stack.ts";
import type { Project } from "./project.ts";
import { clearRunning, findRunning, type Running, writeRunning } from "./running.ts";
import type { Terminal } from "./terminal.ts";
import { chosenTextModel } from "./text-model.ts";
import { UserError } from "./user-error.ts";

/** A local cloud in this process, announced in `.tenner/running.json`. */
export interface CloudSession {
  readonly cloud: Cloud;
  readonly running: Running;
  close(): Promise<void>;
}

export interface CloudSessionOptions {
  /** Port of the API and the console; 0 takes any. */
  readonly port: number;
  /** Shows the Workers' own output, and what goes wrong, as it happens. */
  readonly onActivity?: (activity: RecordedActivity) => void;
}

/**
 * Starts the project's local cloud, with an account for `stack`.
 *
 * @throws {UserError} when another process runs it already, or `TENNER_MODEL` names no installed model.
 */
export async function startCloud(project: Project, stack: string, options: CloudSessionOptions): Promise<CloudSession> {
  const other = await findRunning(project);
  if (other && other.pid !== process.pid) {
    throw new UserError(
      `The local cloud runs already (process ${other.pid}, ${other.cloud.url}).\n` +
        "Use it (npm run tenner -- up, npm run -s outputs), or end that process first.",
    );
  }
  const textModel = chosenTextModel(project);
  const allowOutbound = process.env["TENNER_ALLOW_OUTBOUND"]?.split(",").map((address) => address.trim());
  await mkdir(project.local, { recursive: true });
  const cloud = await createCloud({
    directory: project.cloud,
    port: options.port,
    onActivity(activity) {
      // Whoever empties the cloud empties the state with it: the next up must make everything anew.
      if (activity.type === "change" && activity.product === "cloud" && activity.action === "reset") {
        forgetStackOf(project, activity.accountId);
      }
      options.onActivity?.(activity);
    },
    ...(allowOutbound && { allowOutbound }),
    ...(textModel && { textModel }),
    ...(process.env["TENNER_UPSTREAM_URL"] && { upstreamUrl: process.env["TENNER_UPSTREAM_URL"] }),
  });
  const { id: accountId } = cloud.account({ id: localAccountOf(project, stack), name: stack, plan: "paid" });
  const running: Running = {
    pid: process.pid,
    stack,
    cloud: { url: cloud.url, apiUrl: cloud.apiUrl, accountId, apiToken: cloud.token },
  };
  await writeRunning(project, running);
  return {
    cloud,
    running,
    async close() {
      await clearRunning(project);
      await cloud.close();
    },
  };
}

/**
 * Prints what Workers write and what fails in the runtime, each line with the Worker's name.
 *
 * @param calm while it answers true, only warnings and worse are shown
 */
export function activityPrinter(
  terminal: Terminal,
  calm: () => boolean = () => false,
): (activity: RecordedActivity) => void {
  return (activity) => {
    if (activity.type === "log") {
      const line = describeLog(activity);
      if (!calm() || /^(warn|error|exception)/.test(line)) terminal.line(`  [${activity.script}] ${line}`);
    }
    if (activity.type === "runtime" && activity.state === "failed") {
      terminal.warn(`runtime: ${activity.message ?? "failed"}`);
    }
  };
}

/** One line of a Worker's log. A structured one (JSON) is shown as `event key=value …`; it is itself in the console. */
export function describeLog({ level, message }: { level: string; message: string }): string {
  const parsed = StructuredLog.safeParse(parseJson(message));
  const { at: _at, request_id: _requestId, event, level: own, ...fields } = parsed.data ?? {};
  const shown = own ?? level;
  const mark = shown === "log" || shown === "info" ? "" : `${shown} `;
  if (!parsed.success) return mark + message;
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return mark + [...(event === undefined ? [] : [event]), ...pairs].join(" ");
}

const StructuredLog = z.looseObject({ level: z.string().optional(), event: z.string().optional() });

function parseJson(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
