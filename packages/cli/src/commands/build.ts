import { defineCommand } from "citty";
import { buildTemplates } from "../deploy.ts";
import { openProject } from "../project.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: { name: "build", description: "Bundle each template's Worker into one module" },
  run: () => buildTemplates(openProject(), createTerminal()),
});
