import { cancel } from "@tenner/engine";
import { defineCommand } from "citty";
import { openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { stackArguments } from "../stack-arguments.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: {
    name: "cancel",
    description: "Remove the lock that a killed update left. Example: tenner cancel --stack local",
  },
  args: { stack: stackArguments.stack },
  async run({ args }) {
    const removed = await cancel(await openStack(openProject(), args.stack));
    createTerminal().done(
      removed.length === 0
        ? `stack ${args.stack} is not locked`
        : `removed ${removed.length} lock of stack ${args.stack}`,
    );
  },
});
