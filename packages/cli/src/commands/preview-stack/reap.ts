import { existsSync } from "node:fs";
import { config } from "@tenner/engine";
import { defineCommand } from "citty";
import { stackFile } from "../../local-stack.ts";
import { PREVIEW_KEY, PreviewMark } from "../../preview-stacks/deploy-preview.ts";
import { parsePullRequests, previewStack, pullRequestOfStack } from "../../preview-stacks/preview-name.ts";
import { type FoundPreview, judgePreviews } from "../../preview-stacks/reap-previews.ts";
import { previewAccount, removeAccountPreview, removeLocalPreview } from "../../preview-stacks/remove-preview.ts";
import { lastDeployments, listPreviews } from "../../preview-stacks/sweep-account.ts";
import { openProject, type Project } from "../../project.ts";
import { stackNames } from "../../stack-names.ts";
import { createTerminal } from "../../terminal.ts";
import { UserError } from "../../user-error.ts";
import { withLocalCloud } from "../../with-cloud.ts";
import { accountArgument } from "./arguments.ts";

export const command = defineCommand({
  meta: {
    name: "reap",
    description:
      "Take away previews whose pull request is closed or whose time is over. Example: tenner preview-stack reap --open 12,15",
  },
  args: {
    ...accountArgument,
    open: { type: "string", description: "Numbers of the open pull requests. Left out, only the time counts" },
    ttl: { type: "string", default: "72", description: "In an account: hours after a preview's last deployment" },
    "dry-run": { type: "boolean", description: "Only say what would be done" },
    json: { type: "boolean", description: "The result as JSON on stdout" },
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const open = args.open === undefined ? undefined : parsePullRequests(args.open);
    const hours = Number(args.ttl);
    if (!(hours > 0)) throw new UserError(`--ttl ${args.ttl}: is a number of hours above 0`);
    const api = args.account === undefined ? undefined : previewAccount(args.account);
    const found = api ? await inAccount(api, hours) : await inLocalCloud(project);
    const verdicts = judgePreviews(found, open, Date.now());
    for (const { pullRequest, reap, reason } of verdicts) {
      if (!reap) terminal.line(`  pr-${pullRequest} stays: ${reason}`);
      if (!reap || args["dry-run"]) continue;
      if (api) await removeAccountPreview(project, api, pullRequest);
      else
        await withLocalCloud(project, previewStack(pullRequest), terminal, (cloud) =>
          removeLocalPreview(project, cloud, pullRequest),
        );
      terminal.done(`pr-${pullRequest} is gone: ${reason}`);
    }
    if (args.json) process.stdout.write(`${JSON.stringify(verdicts)}\n`);
  },
});

async function inAccount(api: ReturnType<typeof previewAccount>, hours: number): Promise<FoundPreview[]> {
  const last = await lastDeployments(api);
  return [...(await listPreviews(api)).keys()].map((pullRequest) => {
    const time = last.get(pullRequest);
    return { pullRequest, expiresAt: time === undefined ? undefined : time + hours * 3_600_000 };
  });
}

async function inLocalCloud(project: Project): Promise<FoundPreview[]> {
  const numbers = stackNames(project).flatMap((name) => pullRequestOfStack(name) ?? []);
  return Promise.all(
    numbers.map(async (pullRequest) => {
      const stack = { projectDirectory: project.infra, stack: previewStack(pullRequest) };
      const stored = existsSync(stackFile(project, stack.stack)) ? await config.get(stack, PREVIEW_KEY) : undefined;
      const mark = PreviewMark.safeParse(parseJson(stored?.value ?? ""));
      return { pullRequest, expiresAt: mark.success ? Date.parse(mark.data.expiresAt) : undefined };
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
