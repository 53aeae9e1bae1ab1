import { defineCommand } from "citty";
import { checkAccount } from "../doctor/check-account.ts";
import { checkMachine } from "../doctor/check-machine.ts";
import type { Finding } from "../doctor/finding.ts";
import { openProject } from "../project.ts";
import { stackArguments } from "../stack-arguments.ts";
import { createTerminal } from "../terminal.ts";

export const command = defineCommand({
  meta: {
    name: "doctor",
    description:
      "What is wrong with this machine or the stack's account, and how to mend it. Exit code 1 when something is. Example: tenner doctor --stack production",
  },
  args: { stack: stackArguments.stack, json: stackArguments.json },
  async run({ args }) {
    const project = openProject();
    const findings: Finding[] = [...(await checkMachine(project)), ...(await checkAccount(project, args.stack))];
    const wrong = findings.filter(({ state }) => state === "wrong").length;
    if (wrong > 0) process.exitCode = 1;
    if (args.json) {
      process.stdout.write(`${JSON.stringify({ ok: wrong === 0, findings })}\n`);
      return;
    }
    const terminal = createTerminal(process.stdout);
    for (const { what, state, said, remedy } of findings) {
      const line = `${what}: ${said}${remedy === undefined ? "" : `\n→ ${remedy}`}`;
      if (state === "right") terminal.done(line);
      else if (state === "unknown") terminal.warn(line);
      else terminal.fail(line);
    }
    terminal.line(wrong === 0 ? "\n  Nothing is wrong." : `\n  ${wrong} to mend.`);
  },
});
