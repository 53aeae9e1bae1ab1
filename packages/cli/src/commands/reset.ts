import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
import { isLocalStack, LOCAL_STACK, localAccountOf } from "../local-stack.ts";
import { openProject } from "../project.ts";
import { findRunning } from "../running.ts";
import { refuseUnknownStack } from "../stack-names.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";
import { withLocalCloud } from "../with-cloud.ts";

export const command = defineCommand({
  meta: {
    name: "reset",
    description: "Empty a local stack: its resources, data and state. Example: tenner reset --yes",
  },
  args: {
    stack: { type: "string", alias: "s", description: "The local stack; left out: the one that runs, else local" },
    yes: { type: "boolean", alias: "y", description: "Do not ask" },
  },
  async run({ args }) {
    const project = openProject();
    const stack = args.stack ?? (await findRunning(project))?.stack ?? LOCAL_STACK;
    if (stack !== LOCAL_STACK) refuseUnknownStack(project, stack);
    if (!(await isLocalStack(project, stack))) {
      throw new UserError(
        `Stack ${stack} is in a real account. Its resources go with: tenner destroy --stack ${stack}`,
      );
    }
    if (!(await confirm(`Delete everything of the local stack ${stack}?`, args.yes))) return;
    const terminal = createTerminal();
    await withLocalCloud(project, stack, terminal, async ({ url, apiToken }) => {
      const response = await fetch(`${url}/_local/reset`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
        body: JSON.stringify({ account: localAccountOf(project, stack) }),
      });
      if (!response.ok) throw new UserError(`The cloud refused: ${response.status} ${await response.text()}`);
    });
    terminal.done(`${stack} is empty; npm run tenner -- up makes it anew`);
  },
});
