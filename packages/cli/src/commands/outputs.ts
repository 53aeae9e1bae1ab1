import { outputs } from "@tenner/engine";
import { defineCommand } from "citty";
import { openAccountApi } from "../account-api.ts";
import { isLocalStack, LOCAL_STACK, openStack } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { findRunning, workerUrls } from "../running.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "outputs",
    description:
      "What a stack exports; secrets are shown with --show-secrets or --running. Example: tenner outputs --running --json",
  },
  args: {
    stack: {
      type: "string",
      alias: "s",
      description: "The stack; default: local, or with --running the one that runs",
    },
    running: { type: "boolean", description: "Addresses and keys of a stack on the running local cloud, for scripts" },
    "show-secrets": { type: "boolean", description: "Show secret values" },
    json: { type: "boolean", description: "JSON on stdout" },
  },
  async run({ args }) {
    const project = openProject();
    if (args.running) {
      process.stdout.write(`${JSON.stringify(await runningOutputs(), null, args.json ? 0 : 2)}\n`);
      return;
    }
    const stack = await openStack(project, args.stack ?? LOCAL_STACK);
    const all = Object.entries(await outputs(stack)).map(
      ([name, { value, secret }]) => [name, secret && !args["show-secrets"] ? "[secret]" : value] as const,
    );
    if (args.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(all))}\n`);
    else
      createTerminal(process.stdout).table(
        all.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      );

    async function runningOutputs() {
      const running = await findRunning(project);
      if (!running) throw new UserError("Nothing runs. Start it with: npm start");
      const name = args.stack ?? running.stack;
      const stack = await openStack(project, name);
      if (!(await isLocalStack(project, name))) {
        throw new UserError(`Stack ${name} is not on the local cloud. What it exports: tenner outputs --stack ${name}`);
      }
      const { url, apiToken } = running.cloud;
      const { accountId } = await openAccountApi(stack);
      const urls = await workerUrls({ ...running.cloud, accountId });
      const templates = Object.entries(await deployedTemplates(stack)).map(([name, template]) => [
        name,
        { url: urls.get(template.scriptName), apiKey: template.apiKey },
      ]);
      return { cloud: { url, accountId, apiToken }, templates: Object.fromEntries(templates) };
    }
  },
});
