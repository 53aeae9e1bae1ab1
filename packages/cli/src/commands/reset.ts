import { defineCommand } from "citty";
import { confirm } from "../confirm.ts";
import { openProject } from "../project.ts";
import { findRunning } from "../running.ts";
import { createTerminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "reset",
    description: "Empty the running local stack: its resources, data and state. Example: tenner reset --yes",
  },
  args: { yes: { type: "boolean", alias: "y", description: "Do not ask" } },
  async run({ args }) {
    const running = await findRunning(openProject());
    if (!running) throw new UserError("Nothing runs. Start it with: npm start");
    if (!(await confirm(`Delete everything of the local stack ${running.stack}?`, args.yes))) return;
    const { url, apiToken, accountId } = running.cloud;
    const response = await fetch(`${url}/_local/reset`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      body: JSON.stringify({ account: accountId }),
    });
    if (!response.ok) throw new UserError(`The cloud refused: ${response.status} ${await response.text()}`);
    createTerminal().done(`${running.stack} is empty; npm run tenner -- up makes it anew`);
  },
});
