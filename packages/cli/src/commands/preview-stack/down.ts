import { defineCommand } from "citty";
import { parsePullRequest, previewStack } from "../../preview-stacks/preview-name.ts";
import { previewAccount, removeAccountPreview, removeLocalPreview } from "../../preview-stacks/remove-preview.ts";
import { openProject } from "../../project.ts";
import { createTerminal } from "../../terminal.ts";
import { withLocalCloud } from "../../with-cloud.ts";
import { accountArgument, pullRequestArgument } from "./arguments.ts";

export const command = defineCommand({
  meta: {
    name: "down",
    description: "Take a preview away, with all its data. Example: tenner preview-stack down --pr 123",
  },
  args: { ...pullRequestArgument, ...accountArgument },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const pullRequest = parsePullRequest(args.pr);
    if (args.account === undefined) {
      await withLocalCloud(project, previewStack(pullRequest), terminal, (cloud) =>
        removeLocalPreview(project, cloud, pullRequest),
      );
      terminal.done(`the preview of pull request ${pullRequest} is gone`);
      return;
    }
    const deleted = await removeAccountPreview(project, previewAccount(args.account), pullRequest);
    terminal.done(`the preview of pull request ${pullRequest} is gone: ${deleted.length} resources were deleted`);
  },
});
