import { destroy } from "@tenner/engine";
import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
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
  args: { ...stackArguments, target: targetArgument },
  async run({ args }) {
    const target = listArgument(args.target);
    if (!args.yes && process.stdin.isTTY) await tellLosses(args.stack, target);
    if (!(await confirm(`Delete all resources of stack ${args.stack}, with their data?`, args.yes))) return;
    await runOnStack(args, (options) => destroy({ ...options, ...(target && { target }) }));
  },
});

/** Who is asked should know first what nothing else has: messages that wait in queues. */
async function tellLosses(stack: string, target: string[] | undefined): Promise<void> {
  const project = openProject();
  const terminal = createTerminal();
  const { diagnostics } = await withCloud(project, stack, terminal, async () =>
    destroy({ ...(await openStack(project, stack)), preview: true, ...(target && { target }) }),
  );
  for (const { severity, message } of diagnostics) {
    if (severity === "warning") terminal.warn(message);
  }
}
