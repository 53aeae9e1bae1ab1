import { refresh } from "@tenner/engine";
import { defineCommand } from "citty";
import { despiteRolloutArgument, keepRollouts } from "../keep-rollouts.ts";
import { listArgument, runOnStack, stackArguments, targetArgument } from "../stack-arguments.ts";

export const command = defineCommand({
  meta: { name: "refresh", description: "Read the real resources into the state. Example: tenner refresh" },
  args: { ...stackArguments, ...despiteRolloutArgument, target: targetArgument },
  async run({ args }) {
    const target = listArgument(args.target);
    await runOnStack(args, (options) => refresh({ ...options, ...keepRollouts(args), ...(target && { target }) }));
  },
});
