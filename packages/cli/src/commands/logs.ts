import { defineCommand } from "citty";
import * as z from "zod";
import { describeLog } from "../cloud-session.ts";
import { openProject } from "../project.ts";
import { findRunning } from "../running.ts";
import { UserError } from "../user-error.ts";

/** What of the local cloud's activities is a log line. */
const Activities = z.object({ activities: z.array(z.looseObject({ id: z.number(), type: z.string() })) });
const LogLine = z.looseObject({
  id: z.number(),
  type: z.literal("log"),
  time: z.number(),
  script: z.string(),
  level: z.string(),
  message: z.string(),
});
/** Milliseconds between two looks. */
const EVERY = 500;

export const command = defineCommand({
  meta: {
    name: "logs",
    description: "What the Workers of the running local cloud have written. Example: tenner logs event-agent --follow",
  },
  args: {
    template: { type: "positional", required: false, description: "Only this template's Worker" },
    follow: { type: "boolean", alias: "f", description: "Go on with what comes, until Ctrl-C" },
    json: { type: "boolean", description: "A line of JSON each" },
  },
  async run({ args }) {
    const running = await findRunning(openProject());
    if (!running)
      throw new UserError("Nothing runs. Start it with: npm start (a real stack's logs: npx wrangler tail)");
    const { url, apiToken } = running.cloud;
    let last = 0;
    for (;;) {
      const response = await fetch(`${url}/_local/activity?after=${last}`, {
        headers: { authorization: `Bearer ${apiToken}` },
      }).catch(() => undefined);
      if (!response) return;
      if (!response.ok) throw new UserError(`The local cloud gave no logs: HTTP ${response.status}`);
      for (const activity of Activities.parse(await response.json()).activities) {
        last = activity.id;
        const line = LogLine.safeParse(activity);
        if (line.success && (!args.template || line.data.script.endsWith(`-${args.template}`))) print(line.data);
      }
      if (!args.follow) return;
      await new Promise((resolve) => setTimeout(resolve, EVERY));
    }

    function print({ time, script, level, message }: z.infer<typeof LogLine>): void {
      const at = new Date(time).toISOString();
      const text = args.json
        ? JSON.stringify({ at, script, level, message })
        : `${at.slice(11, 23)} [${script}] ${describeLog({ level, message })}`;
      process.stdout.write(`${text}\n`);
    }
  },
});
