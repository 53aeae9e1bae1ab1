import { destroy } from "@tenner/engine";
import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
import { dataLossArgument, keepData } from "../keep-data.ts";
import { openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { listArgument, runOnStack, stackArguments, targetArgument } from "../stack-arguments.ts";
import { createTerminal } from "../terminal.ts";
import { withCloud } from "../with-cloud.ts";

export const command = defineCommand({
  meta: {
    name: "destroy",
    description: "Delete the stack's resources and their data. Example: tenner destroy --stack local --yes",
  },
  args: { ...stackArguments, ...dataLossArgument, target: targetArgument },
  async run({ args }) {
    const target = listArgument(args.target);
    const data = keepData(args);
    if (!args.yes && process.stdin.isTTY && !(await tellLosses(args.stack, { ...data, ...(target && { target }) }))) {
      process.exitCode = 1;
      return;
    }
    if (!(await confirm(`Delete all resources of stack ${args.stack}, with their data?`, args.yes))) return;
    await runOnStack(args, (options) => destroy({ ...options, ...data, ...(target && { target }) }));
  },
});

/** Who is asked should know first what nothing else has. @returns whether it may go */
async function tellLosses(stack: string, options: Partial<Parameters<typeof destroy>[0]>): Promise<boolean> {
  const project = openProject();
  const terminal = createTerminal();
  const { diagnostics, outcome } = await withCloud(project, stack, terminal, async () =>
    destroy({ ...(await openStack(project, stack)), ...options, preview: true }),
  );
  for (const { severity, message } of diagnostics) {
    if (severity === "warning") terminal.warn(message);
    if (severity === "error") terminal.fail(message);
  }
  return outcome === "succeeded";
}
