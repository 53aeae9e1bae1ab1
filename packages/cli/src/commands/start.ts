import { defineCommand } from "citty";
import { activityPrinter, startCloud } from "../cloud-session.ts";
import { deploy } from "../deploy.ts";
import { type EntryLinks, serveEntryLinks } from "../entry-links.ts";
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
    description:
      "Start the local cloud, deploy everything, run a sample job, and reload on every save. Example: tenner start --port 8800 --no-sample",
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
    let ready = false;
    const session = await startCloud(project, args.stack, {
      port: parsePort(args.port),
      onActivity: activityPrinter(terminal, () => !ready),
    });
    terminal.done(`local cloud on ${session.cloud.url}`, performance.now() - start);
    const links = await serveEntryLinks();
    try {
      const stack = await prepareLocalStack(project, args.stack, session.running.cloud);
      const runProgram = async () => {
        const result = await deploy(project, stack, terminal, interrupt.signal);
        if (result.outcome === "failed")
          throw new UserError(
            "The deployment failed; what was made is kept. Mend it and save, run this again, or begin anew: tenner reset",
          );
      };
      await runProgram();
      if (interrupt.signal.aborted) return;
      const templates = await deployedTemplates(stack);
      const urls = await workerUrls(session.running.cloud);
      if (args.sample) await showSample(templates, urls, terminal, interrupt.signal);
      showAddresses(
        { running: session.running, consoleUrl: session.cloud.consoleUrl(), templates, urls, links },
        terminal,
      );
      const reload = args.watch
        ? await startLiveReload({ project, stack, terminal, templates: Object.keys(templates), deploy: runProgram })
        : undefined;
      terminal.line(
        `\n  ${args.watch ? "Watching the templates: save a file and it is live. " : ""}Ctrl-C ends everything; all data stays.\n`,
      );
      ready = true;
      await interrupt.requested;
      await reload?.close();
    } catch (error) {
      // What Ctrl-C cut off is no failure of its own.
      if (!interrupt.signal.aborted) throw error;
    } finally {
      if (!ready && interrupt.signal.aborted) process.exitCode = 130;
      await links.close();
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
  const author = answer.standIn ? `the stand-in for ${answer.model}` : answer.model;
  terminal.line(`\n  A sample job (${answer.task}) was answered in ${seconds(answer.durationMs)} by ${author}:\n`);
  terminal.line(`    ${answer.text.split("\n").join("\n    ")}\n`);
}

interface Addresses {
  readonly running: Running;
  readonly consoleUrl: string;
  readonly templates: Record<string, DeployedTemplate>;
  readonly urls: ReadonlyMap<string, string>;
  readonly links: EntryLinks;
}

/** The key of a template is a secret: the page that needs it is opened by a link that ends with this process. */
function showAddresses({ running, consoleUrl, templates, urls, links }: Addresses, terminal: Terminal): void {
  const rows: [string, string][] = [];
  for (const [name, template] of Object.entries(templates)) {
    const url = urls.get(template.scriptName);
    rows.push([name, url ?? "(no address)"]);
    if (url && template.apiKey)
      rows.push(["", `${links.linkTo(`${url}/#key=${template.apiKey}`)} opens its page with the key`]);
  }
  terminal.table([...rows, ["console", consoleUrl], ["API", running.cloud.apiUrl]]);
  terminal.line("\n  Addresses and keys for scripts, as JSON: npm run -s outputs");
}
