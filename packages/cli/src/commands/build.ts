import { defineCommand } from "citty";
import { buildAll } from "../build.ts";
import { openProject, templateNames } from "../project.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: { name: "build", description: "Bundle each template's Worker into one module" },
  async run() {
    const project = openProject();
    const terminal = createTerminal();
    for (const built of await buildAll(project, templateNames(project))) {
      terminal.done(`${built.template} built, ${Math.round(built.size / 1024)} KiB`, built.durationMs);
    }
  },
});
