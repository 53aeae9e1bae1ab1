import { destroy } from "@tenner/engine";
import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
import { listArgument, runOnStack, stackArguments, targetArgument } from "../stack-arguments.ts";

export const command = defineCommand({
  meta: { name: "destroy", description: "Delete the stack's resources and their data" },
  args: { ...stackArguments, target: targetArgument },
  async run({ args }) {
    if (!(await confirm(`Delete all resources of stack ${args.stack}, with their data?`, args.yes))) return;
    const target = listArgument(args.target);
    await runOnStack(args, (options) => destroy({ ...options, ...(target && { target }) }));
  },
});
