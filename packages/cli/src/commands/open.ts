import { spawn } from "node:child_process";
import { defineCommand } from "citty";
import { openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { findRunning, workerUrls } from "../running.ts";
import { stackArguments } from "../stack-arguments.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "open",
    description: "Open a template's page in the browser, with its key. Example: tenner open edge-cache",
  },
  args: {
    template: { type: "positional", required: false, description: "Which. @default the stack's first" },
    stack: stackArguments.stack,
    print: { type: "boolean", description: "Print the address only, to stdout" },
  },
  async run({ args }) {
    const project = openProject();
    const running = await findRunning(project);
    const templates = await deployedTemplates(await openStack(project, args.stack));
    const name = args.template ?? Object.keys(templates)[0];
    const template = name === undefined ? undefined : templates[name];
    if (!template) {
      const there = Object.keys(templates).join(", ");
      throw new UserError(
        there === "" ? `Stack ${args.stack} is not deployed.` : `Stack ${args.stack} has no ${name}. It has: ${there}.`,
      );
    }
    const local =
      running?.stack === args.stack ? (await workerUrls(running.cloud)).get(template.scriptName) : undefined;
    const url = local ?? template.url;
    if (!url) throw new UserError(`${name} has no address now. A local stack's cloud is started with: npm start`);
    const address = template.apiKey ? `${url}/#key=${template.apiKey}` : url;
    if (args.print) {
      process.stdout.write(`${address}\n`);
      return;
    }
    const opener = process.platform === "darwin" ? "open" : "xdg-open";
    const child = spawn(opener, [address], { stdio: "ignore", detached: true });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", () =>
        reject(new UserError(`There is no ${opener} here. The address, with its key: tenner open ${name} --print`)),
      );
    });
    child.unref();
    createTerminal().done(`${name} opens: ${url}`);
  },
});
