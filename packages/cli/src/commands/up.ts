import { up } from "@tenner/engine";
import { defineCommand } from "citty";
import { buildAll } from "../build.ts";
import { allowDataLossOf, dataLossArgument, keepData } from "../keep-data.ts";
import { despiteRolloutArgument, keepRollouts } from "../keep-rollouts.ts";
import { openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { refuseActiveSplit } from "../rollout/refuse-active-split.ts";
import { runPulumi } from "../run-pulumi.ts";
import { listArgument, runOnStack, stackArguments, targetArgument } from "../stack-arguments.ts";
import { stackTemplates } from "../stack-templates.ts";
import { createTerminal } from "../terminal.ts";
import { withCloud } from "../with-cloud.ts";

export const command = defineCommand({
  meta: {
    name: "up",
    description: "Build, and make the stack's resources what the program says. Example: tenner up --yes",
  },
  args: {
    ...stackArguments,
    ...dataLossArgument,
    ...despiteRolloutArgument,
    target: targetArgument,
    refresh: { type: "boolean", description: "Read the real resources first" },
    cli: { type: "boolean", description: "Use the real Pulumi CLI in place of the built-in engine" },
  },
  async run({ args }) {
    const project = openProject();
    if (args.cli) {
      allowDataLossOf(args);
      const words = [
        "up",
        "--stack",
        args.stack,
        ...(args.yes ? ["--yes"] : []),
        ...(args.refresh ? ["--refresh"] : []),
        ...(args.json ? ["--json"] : []),
      ];
      for (const urn of listArgument(args.target) ?? []) words.push("--target", urn);
      process.exitCode = await withCloud(project, args.stack, createTerminal(), async () => {
        const { keepRollouts: advice } = keepRollouts(args);
        if (advice !== undefined) await refuseActiveSplit(await openStack(project, args.stack), advice);
        return runPulumi(project, words);
      });
      return;
    }
    await buildAll(project, await stackTemplates(project, args.stack));
    const target = listArgument(args.target);
    await runOnStack(args, (options) =>
      up({
        ...options,
        ...keepData(args),
        ...keepRollouts(args),
        refresh: args.refresh ?? false,
        ...(target && { target }),
      }),
    );
  },
});
