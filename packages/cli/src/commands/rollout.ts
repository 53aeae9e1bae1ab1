import { defineCommand } from "citty";
import { openAccountApi } from "../account-api.ts";
import { buildTemplates } from "../deploy.ts";
import { type Interrupt, listenForInterrupt } from "../interrupt.ts";
import { isLocalStack, openStack } from "../local-stack.ts";
import { openProject, type Project } from "../project.ts";
import { readFigures } from "../rollout/read-figures.ts";
import { deployedOf, moveTo, type RolloutContext, type RolloutOutcome, takeBack } from "../rollout/rollout.ts";
import { findRunning } from "../running.ts";
import { stackArguments } from "../stack-arguments.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { stackTemplates } from "../stack-templates.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";
import { withCloud } from "../with-cloud.ts";
import { wordArgument, wordOf } from "../word-argument.ts";

const action = wordArgument(["rollback", "status"], {
  required: false,
  description: "rollback or status, in place of --percent",
});

export const command = defineCommand({
  meta: {
    name: "rollout",
    description:
      "A new version of one Worker for a part of the requests, then for all; taken back by itself when it is not well. " +
      "Example: tenner rollout event-agent --percent 10. Example: tenner rollout event-agent --percent 100. " +
      "Example: tenner rollout event-agent rollback. Example: tenner rollout event-agent status --json",
  },
  args: {
    template: { type: "positional", required: true, description: "Which Worker" },
    action,
    percent: { type: "string", description: "The new version's share of the requests, 1–100", valueHint: "10" },
    stack: stackArguments.stack,
    requests: {
      type: "string",
      default: "20",
      description: "Requests of the new version by which it is judged beside the old one",
      valueHint: "20",
    },
    within: { type: "string", default: "120", description: "Seconds to wait for them", valueHint: "120" },
    gate: {
      type: "boolean",
      default: true,
      description: "Judge the new version",
      negativeDescription: "Do not judge the new version, and do not take it back",
    },
    json: stackArguments.json,
  },
  async run({ args }) {
    const wanted = readWish(args);
    const project = openProject();
    const terminal = createTerminal();
    const interrupt = listenForInterrupt();
    const gate =
      wanted.type === "move" && args.gate
        ? { requests: count("requests", args.requests), seconds: count("within", args.within) }
        : undefined;
    if (gate) await refuseWithoutFigures(project, args.stack);
    const answer = await withCloud(project, args.stack, terminal, async () => {
      const context = await openContext(project, args, { terminal, interrupt, gate });
      if (wanted.type === "move") await buildTemplates(project, await stackTemplates(project, args.stack), terminal);
      const outcome = await carryOut(context, wanted);
      return { ...outcome, stack: args.stack, template: args.template, ...(await standing(project, context)) };
    }).finally(() => {
      interrupt.stopListening();
      if (interrupt.signal.aborted) process.exitCode = 130;
    });
    if (args.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
    else if (wanted.type === "status") show(answer, createTerminal(process.stdout));
    const missed = wanted.type === "move" && (answer.outcome === "rolled-back" || answer.outcome === "unjudged");
    if (missed) process.exitCode ||= 1;
  },
});

type Wish = { readonly type: "move"; readonly percent: number } | { readonly type: "rollback" | "status" };

/** @throws UserError for words that do not go together */
function readWish(args: { template: string; action?: string | undefined; percent?: string | undefined }): Wish {
  const { percent, template } = args;
  if (args.action !== undefined) {
    const type = wordOf(action, args.action, "action");
    if (percent !== undefined) throw new UserError(`${type} and --percent exclude each other.`);
    return { type };
  }
  if (percent === undefined) {
    throw new UserError(`Say how far: tenner rollout ${template} --percent 10, or rollback, or status.`);
  }
  const share = Number(percent.replace(/%$/, "").trim() || Number.NaN);
  if (!Number.isInteger(share) || share < 1 || share > 100) {
    throw new UserError(`--percent ${percent}: is a whole number from 1 to 100.`);
  }
  return { type: "move", percent: share };
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UserError(`--${option} ${text}: is a whole number from 1.`);
  return value;
}

/** @throws UserError where nobody tells how a version fares */
async function refuseWithoutFigures(project: Project, stack: string): Promise<void> {
  if (!(await isLocalStack(project, stack))) {
    throw new UserError(
      "Cloudflare tells figures by version minutes later, so a new version is judged in the local cloud only. Here, " +
        "watch the Worker's metrics in the dashboard and add --no-gate.",
    );
  }
  if (!(await findRunning(project))) {
    throw new UserError(
      "Nothing runs, so no requests come by which a version could be judged. Start the cloud (npm start, tenner cloud), " +
        "or add --no-gate.",
    );
  }
}

/** @throws UserError when the stack has no such Worker */
async function openContext(
  project: Project,
  { template: name, stack: stackName }: { template: string; stack: string },
  options: { terminal: Terminal; interrupt: Interrupt; gate: { requests: number; seconds: number } | undefined },
): Promise<RolloutContext> {
  const { terminal, interrupt, gate } = options;
  const stack = await openStack(project, stackName);
  const templates = await deployedTemplates(stack);
  const template = templates[name];
  if (!template) {
    const there = Object.keys(templates).join(", ");
    throw new UserError(
      there === ""
        ? `Stack ${stackName} is not deployed: run tenner up first.`
        : `Stack ${stackName} has no ${name}. It has: ${there}.`,
    );
  }
  const { scriptName } = template;
  const api = await openAccountApi(stack);
  const figures = async () => {
    const running = await findRunning(project);
    if (!running) throw new UserError("The local cloud has ended. The split stays as it is.");
    return readFigures(running.cloud, api.accountId, scriptName);
  };
  return {
    name,
    scriptName,
    stack,
    api,
    terminal,
    signal: interrupt.signal,
    gate: gate && { requests: gate.requests, within: gate.seconds * 1000, figures },
  };
}

function carryOut(context: RolloutContext, wanted: Wish): Promise<RolloutOutcome> | undefined {
  if (wanted.type === "move") return moveTo(context, wanted.percent);
  return wanted.type === "rollback" ? takeBack(context, "asked for") : undefined;
}

/** What is deployed now, and how it fares where that is known. */
async function standing(project: Project, context: RolloutContext) {
  const live = await deployedOf(context);
  const running = (await isLocalStack(project, context.stack.stack)) ? await findRunning(project) : undefined;
  const figures = running && (await readFigures(running.cloud, context.api.accountId, context.scriptName));
  return {
    script: context.scriptName,
    active: live.versions.length > 1,
    since: live.createdOn,
    ...(live.takenBack !== undefined && { taken_back: live.takenBack }),
    versions: live.versions.map(({ id, number, percentage }) => {
      const { requests, errors, p50Ms, p95Ms } = figures?.of(id) ?? {};
      return { id, number, percentage, ...(figures && { requests, errors, p50_ms: p50Ms, p95_ms: p95Ms }) };
    }),
  };
}

type Answer = Partial<RolloutOutcome> & { template: string } & Awaited<ReturnType<typeof standing>>;

function show({ template, active, since, taken_back: reason, versions }: Answer, terminal: Terminal): void {
  terminal.line(`\n  ${template}: ${active ? "a rollout is active" : "no rollout is active"}, since ${since}\n`);
  terminal.table(
    versions.map(({ number, percentage, requests, errors, p50_ms: p50, p95_ms: p95 }) => [
      `version ${number}`,
      [
        `${percentage} %`,
        ...(requests === undefined ? [] : [`${requests} requests, ${errors} failed`]),
        ...(typeof p95 === "number" ? [`p50 ${p50} ms, p95 ${p95} ms`] : []),
      ].join("   "),
    ]),
  );
  if (reason !== undefined) terminal.line(`\n  The last rollout was taken back: ${reason}`);
}
