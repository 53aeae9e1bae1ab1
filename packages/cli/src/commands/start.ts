import { defineCommand } from "citty";
import { activityPrinter, startCloud } from "../cloud-session.ts";
import { deploy } from "../deploy.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { startLiveReload } from "../live-reload.ts";
import { LOCAL_STACK, prepareLocalStack } from "../local-stack.ts";
import { parsePort } from "../port.ts";
import { openProject } from "../project.ts";
import { type Running, workerUrls } from "../running.ts";
import { runSampleJob } from "../sample-job.ts";
import { type DeployedTemplate, deployedTemplates } from "../stack-outputs.ts";
import { createTerminal, seconds, type Terminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "start",
    description: "Start the local cloud, deploy everything, run a sample job, and reload on every save",
  },
  args: {
    stack: { type: "string", alias: "s", default: LOCAL_STACK, description: "The local stack to deploy" },
    port: { type: "string", description: "Port of the local cloud's API and console", valueHint: "8787" },
    watch: {
      type: "boolean",
      default: true,
      description: "Deploy a saved change",
      negativeDescription: "Do not watch files",
    },
    sample: {
      type: "boolean",
      default: true,
      description: "Run the sample job",
      negativeDescription: "Skip the sample job",
    },
  },
  async run({ args }) {
    const project = openProject();
    const terminal = createTerminal();
    const interrupt = listenForInterrupt();
    const start = performance.now();
    const session = await startCloud(project, args.stack, {
      port: parsePort(args.port),
      onActivity: activityPrinter(terminal),
    });
    terminal.done(`local cloud on ${session.cloud.url}`, performance.now() - start);
    try {
      const stack = await prepareLocalStack(project, args.stack, session.running.cloud);
      const runProgram = async () => {
        const result = await deploy(project, stack, terminal, { signal: interrupt.signal });
        if (result.outcome === "failed")
          throw new UserError("The deployment failed; what was made is kept. Mend it and save, or run this again.");
      };
      await runProgram();
      if (interrupt.signal.aborted) return;
      const templates = await deployedTemplates(stack);
      const urls = await workerUrls(session.running.cloud);
      if (args.sample) await showSample(templates, urls, terminal, interrupt.signal);
      showAddresses(session.running, session.cloud.consoleUrl(), templates, urls, terminal);
      const reload = args.watch
        ? await startLiveReload({ project, stack, terminal, templates: Object.keys(templates), deploy: runProgram })
        : undefined;
      terminal.line(
        `\n  ${args.watch ? "Watching the templates: save a file and it is live. " : ""}Ctrl-C ends everything; all data stays.\n`,
      );
      await interrupt.requested;
      await reload?.close();
    } finally {
      await session.close();
      terminal.done("stopped; nothing is left running");
    }
  },
});

async function showSample(
  templates: Record<string, DeployedTemplate>,
  urls: ReadonlyMap<string, string>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const agent = templates["event-agent"];
  const url = agent && urls.get(agent.scriptName);
  if (!agent?.apiKey || !url) return;
  const answer = await runSampleJob({ url, apiKey: agent.apiKey }, signal);
  terminal.line(`\n  A sample job (${answer.task}) was answered in ${seconds(answer.durationMs)}:\n`);
  terminal.line(`    ${answer.text.split("\n").join("\n    ")}\n`);
}

function showAddresses(
  running: Running,
  consoleUrl: string,
  templates: Record<string, DeployedTemplate>,
  urls: ReadonlyMap<string, string>,
  terminal: Terminal,
): void {
  const rows = Object.entries(templates).map(([name, template]) => {
    const url = urls.get(template.scriptName) ?? "(no address)";
    return [name, template.apiKey ? `${url}/#key=${template.apiKey}` : url] as const;
  });
  terminal.table([...rows, ["console", consoleUrl], ["API", running.cloud.apiUrl]]);
  terminal.line("\n  The same for scripts, as JSON: npm run -s outputs");
}
