import { defineCommand } from "citty";
import { buildTemplates } from "../deploy.ts";
import { openProject, templateNames } from "../project.ts";
import { stackTemplates } from "../stack-templates.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: {
    name: "build",
    description: "Bundle each template's Worker into one module. Example: tenner build --stack local",
  },
  args: { stack: { type: "string", alias: "s", description: "Only the templates that this stack deploys" } },
  async run({ args }) {
    const project = openProject();
    const templates = args.stack === undefined ? templateNames(project) : await stackTemplates(project, args.stack);
    await buildTemplates(project, templates, createTerminal());
  },
});
