import { defineCommand } from "citty";
import * as z from "zod";
import { openProject } from "../project.ts";
import { findRunning } from "../running.ts";
import { UserError } from "../user-error.ts";

const Link = z.object({ url: z.string() });

export const command = defineCommand({
  meta: {
    name: "console",
    description: "Print a fresh one-time link to the running cloud's console. Example: tenner console",
  },
  async run() {
    const running = await findRunning(openProject());
    if (!running) throw new UserError("Nothing runs. Start it with: npm start");
    const { url, apiToken } = running.cloud;
    const response = await fetch(`${url}/_local/session`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiToken}` },
    });
    if (!response.ok) throw new UserError(`The console gave no link: ${response.status} ${await response.text()}`);
    process.stdout.write(`${Link.parse(await response.json()).url}\n`);
  },
});
