import { preview } from "@tenner/engine";
import { defineCommand } from "citty";
import { buildAll } from "../build.ts";
import { dataLossArgument, keepData } from "../keep-data.ts";
import { openProject } from "../project.ts";
import { listArgument, runOnStack, stackArguments, targetArgument } from "../stack-arguments.ts";
import { stackTemplates } from "../stack-templates.ts";

export const command = defineCommand({
  meta: { name: "preview", description: "Show what `up` would change. Example: tenner preview --refresh" },
  args: {
    ...stackArguments,
    ...dataLossArgument,
    target: targetArgument,
    refresh: { type: "boolean", description: "Read the real resources first" },
  },
  async run({ args }) {
    const project = openProject();
    await buildAll(project, await stackTemplates(project, args.stack));
    const target = listArgument(args.target);
    await runOnStack(args, (options) =>
      preview({ ...options, ...keepData(args), refresh: args.refresh ?? false, ...(target && { target }) }),
    );
  },
});
