import { defineCommand } from "citty";
import { displayOn } from "../../deploy.ts";
import { listenForInterrupt } from "../../interrupt.ts";
import { deployPreview, type PreviewPlace } from "../../preview-stacks/deploy-preview.ts";
import { parsePullRequest, previewStack } from "../../preview-stacks/preview-name.ts";
import { previewAccount } from "../../preview-stacks/remove-preview.ts";
import { openProject } from "../../project.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";
import { withLocalCloud } from "../../with-cloud.ts";
import { accountArgument, pullRequestArgument } from "./arguments.ts";

export const command = defineCommand({
  meta: {
    name: "up",
    description:
      "Make the preview of a pull request, or bring it up to date. Example: tenner preview-stack up --pr 123",
  },
  args: {
    ...pullRequestArgument,
    ...accountArgument,
    base: {
      type: "string",
      description: "The stack whose settings it takes. @default the defaults",
      valueHint: "name",
    },
    budget: { type: "string", default: "1", description: "US dollars a month that its models may cost" },
    ttl: { type: "string", default: "72", description: "Hours until the reaper takes it away" },
    json: { type: "boolean", description: "A report as JSON on stdout" },
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const pullRequest = parsePullRequest(args.pr);
    const budgetUsd = positive("--budget", args.budget);
    const hoursToLive = positive("--ttl", args.ttl);
    const interrupt = listenForInterrupt();
    const deploy = (place: PreviewPlace) =>
      deployPreview(project, place, {
        pullRequest,
        base: args.base,
        budgetUsd,
        hoursToLive,
        signal: interrupt.signal,
        onEvent: args.json ? () => {} : displayOn(terminal),
      });
    const report =
      args.account === undefined
        ? await withLocalCloud(project, previewStack(pullRequest), terminal, (cloud) =>
            deploy({ where: "local", cloud }),
          )
        : await deploy({ where: "account", accountId: previewAccount(args.account).accountId });
    interrupt.stopListening();
    if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else terminal.table(report.addresses.map(({ template, url }) => [template, url]));
    if (report.outcome !== "succeeded") process.exitCode = interrupt.signal.aborted ? 130 : 1;
  },
});

function positive(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number > 0 && number < 100_000) return number;
  throw new UserError(`${option} ${text}: is a number above 0`);
}
