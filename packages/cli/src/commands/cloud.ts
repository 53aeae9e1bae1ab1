import { defineCommand } from "citty";
import { activityPrinter, startCloud } from "../cloud-session.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { LOCAL_STACK, prepareLocalStack } from "../local-stack.ts";
import { parsePort } from "../port.ts";
import { openProject } from "../project.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: {
    name: "cloud",
    description:
      "Run the local cloud in the foreground, with nothing deployed by this command. Example: tenner cloud --json",
  },
  args: {
    stack: {
      type: "string",
      alias: "s",
      default: LOCAL_STACK,
      description: "The local stack whose account is made ready",
    },
    port: { type: "string", description: "Port of the API and the console", valueHint: "8787" },
    json: { type: "boolean", description: "Print the address, account and token as one line of JSON on stdout" },
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const interrupt = listenForInterrupt();
    const session = await startCloud(project, args.stack, {
      port: parsePort(args.port),
      onActivity: activityPrinter(terminal),
    });
    await prepareLocalStack(project, args.stack, session.running.cloud);
    const { url, accountId, apiToken } = session.running.cloud;
    if (args.json) process.stdout.write(`${JSON.stringify({ url, accountId, apiToken })}\n`);
    terminal.done(`local cloud on ${url}`);
    terminal.table([
      ["console", session.cloud.consoleUrl()],
      ["API", session.cloud.apiUrl],
      ["account", accountId],
    ]);
    terminal.line("\n  Ctrl-C ends it; all data stays.");
    await interrupt.requested;
    await session.close();
    terminal.done("local cloud stopped");
  },
});
