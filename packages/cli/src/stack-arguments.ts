import type { EngineEvent, StackOptions, UpdateResult } from "@tenner/engine";
import { displayOn, LOCK_PATIENCE } from "./deploy.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { LOCAL_STACK, openStack } from "./local-stack.ts";
import { openProject } from "./project.ts";
import { createTerminal } from "./terminal.ts";
import { withCloud } from "./with-cloud.ts";

/** What every command that works on a stack takes. */
export const stackArguments = {
  stack: { type: "string", alias: "s", default: LOCAL_STACK, description: "The stack" },
  json: { type: "boolean", description: "The result as JSON on stdout" },
  yes: { type: "boolean", alias: "y", description: "Do not ask" },
} as const;

/** Resources by URN, with `*`; may be repeated with commas. */
export const targetArgument = {
  type: "string",
  alias: "t",
  description: "Only these resources: URN, `*` matches",
  valueHint: "urn,…",
} as const;

/** The list of a comma-separated argument. */
export function listArgument(argument: string | undefined): string[] | undefined {
  const items = argument
    ?.split(",")
    .map((item) => item.trim())
    .filter(Boolean);
  return items?.length ? items : undefined;
}

/**
 * Runs one operation of the engine on a stack and shows it. A local stack's cloud is started for the time being when
 * it does not run. The exit code tells whether it succeeded: 0, else 1, or 130 after Ctrl-C.
 */
export async function runOnStack(
  args: { stack: string; json?: boolean | undefined },
  operation: (options: StackOptions) => Promise<UpdateResult>,
): Promise<void> {
  const project = openProject();
  const terminal = createTerminal();
  const interrupt = listenForInterrupt();
  const display = displayOn(terminal);
  const result = await withCloud(project, args.stack, terminal, async () =>
    operation({
      ...(await openStack(project, args.stack)),
      signal: interrupt.signal,
      waitForLock: LOCK_PATIENCE,
      onEvent: (event: EngineEvent) => {
        if (!args.json) display(event);
      },
    }),
  );
  interrupt.stopListening();
  if (args.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (result.outcome !== "succeeded") process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
