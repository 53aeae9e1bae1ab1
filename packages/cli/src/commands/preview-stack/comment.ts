import { readFileSync } from "node:fs";
import { defineCommand } from "citty";
import { previewComment } from "../../preview-comment.ts";
import { PreviewReport } from "../../preview-stacks/preview-report.ts";
import { UserError } from "../../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "comment",
    description:
      "The comment on a pull request, as Markdown, from reports of `preview-stack up --json`. Example: tenner preview-stack comment local.json --run https://github.com/…/runs/1",
  },
  args: {
    report: { type: "positional", required: true, description: "A file with a report; more may follow" },
    run: { type: "string", description: "Address of the workflow's run" },
    screenshots: { type: "string", description: "Address of the artifact with the pictures" },
  },
  run({ args }) {
    const reports = args._.map(readReport);
    process.stdout.write(previewComment(reports, { runUrl: args.run, screenshotsUrl: args.screenshots }));
  },
});

function readReport(file: string): PreviewReport {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = PreviewReport.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(`${file} is no report of \`preview-stack up --json\`.`);
}
