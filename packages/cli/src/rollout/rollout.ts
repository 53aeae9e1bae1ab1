import { keepScript, listResources, lockedStack, planScript, promoteScript, type ScriptPlan } from "@tenner/engine";
import type { AccountApi } from "../account-api.ts";
import { failureOf } from "../customers/deploy-customer.ts";
import { LOCK_PATIENCE } from "../deploy.ts";
import type { StackReference } from "../local-stack.ts";
import type { Terminal } from "../terminal.ts";
import { UserError } from "../user-error.ts";
import {
  deployShares,
  type LiveDeployment,
  markOf,
  messages,
  newestVersions,
  readLive,
  type ScriptVersion,
} from "./deployments.ts";
import { type Figures, type HealthRule, judge } from "./health-gate.ts";
import { type NextStep, nextStep, type Split, splitOf } from "./next-step.ts";
import type { VersionFigures } from "./read-figures.ts";

/** How long a new version is watched, and what is asked of it. */
interface Gate extends HealthRule {
  /** ms */
  readonly within: number;
  readonly figures: () => Promise<VersionFigures>;
}

/** One Worker of a stack, and how to reach it. */
export interface RolloutContext {
  /** The template: the name of its script in the program. */
  readonly name: string;
  readonly scriptName: string;
  readonly stack: StackReference;
  readonly api: AccountApi;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Without one, a new version is not judged. */
  readonly gate: Gate | undefined;
}

/** How a rollout stands after a command. */
export interface RolloutOutcome {
  readonly outcome: /** The new version has its share, and is well as far as it was judged. */
    | "split"
    /** It has all requests, and the state says so. */
    | "promoted"
    /** The old version has all requests again. */
    | "rolled-back"
    /** Too few requests came to judge the new version: everything stays as it is. */
    | "unjudged"
    /** It was so already. */
    | "unchanged";
  /** Why, where it is not what was asked for. */
  readonly reason?: string;
}

/** Milliseconds between two looks at the figures. */
const EVERY = 500;

/**
 * Brings the new version of a Worker to a share of the requests. What is interrupted goes on with the same call.
 *
 * @param percent 1–100
 * @throws UserError when it cannot be: nothing has changed then
 */
export async function moveTo(context: RolloutContext, percent: number): Promise<RolloutOutcome> {
  const { name, terminal } = context;
  const { step, plan, live } = await locked(context, () => decideAndSplit(context, percent));
  switch (step.type) {
    case "none":
      terminal.done(`version ${step.new.number} of ${name} has all requests already`);
      return { outcome: "unchanged" };
    case "settle":
      return promote(context, plan, live, step.new);
    case "promote": {
      const judged = await watch(context, step, live.id);
      return judged.outcome === "split" ? promote(context, plan, live, step.new) : judged;
    }
    case "begin":
    case "shift":
      terminal.done(`version ${step.new.number} of ${name} has ${percent} % of the requests`);
      return watch(context, step, live.id);
  }
}

/**
 * Gives all requests back to the old version. The state has never known another.
 *
 * @throws UserError when no rollout is active
 */
export async function takeBack(context: RolloutContext, reason: string): Promise<RolloutOutcome> {
  const { name, api, scriptName, stack, signal, terminal } = context;
  await locked(context, async () => {
    const live = await deployedOf(context);
    const split = splitOf(name, live);
    if (!split) {
      throw new UserError(
        `No rollout of ${name} is active: version ${live.versions[0]?.number} has all requests.\n` +
          "To go back behind it, deploy the earlier commit: docs/guides/rollback.md",
      );
    }
    await deployShares(api, scriptName, [{ id: split.old.id, percentage: 100 }], messages.takenBack(reason));
    terminal.done(`version ${split.old.number} of ${name} has all requests again`);
    terminal.line(
      `  The code of version ${split.new.number} is still in this folder: the next tenner up or npm start deploys what is there.`,
    );
  });
  // An end of the rollout that was cut off before it took effect has left a note.
  const script = (await listResources(stack)).find((one) => one.name === name && one.type.endsWith(":WorkersScript"));
  if (script?.pending !== undefined) {
    const result = await keepScript({ ...stack, name, signal, waitForLock: LOCK_PATIENCE });
    if (result.outcome !== "succeeded")
      throw new UserError(`The state of ${name} is not settled: ${failureOf(result)}`);
  }
  return { outcome: "rolled-back", reason };
}

/** The deployment of a Worker that was deployed at all. */
export async function deployedOf({ api, scriptName, name }: RolloutContext): Promise<LiveDeployment> {
  const live = await readLive(api, scriptName);
  if (!live) throw new UserError(`${name} is not deployed (no Worker ${scriptName}). Deploy it: tenner up`);
  return live;
}

/** Nobody else deploys to the stack while this works. */
function locked<Result>({ stack, signal, terminal }: RolloutContext, work: () => Promise<Result>): Promise<Result> {
  const onEvent = (event: { type: string; message?: string }) => {
    if (event.type === "notice" && event.message !== undefined) terminal.line(`  ${event.message}`);
  };
  return lockedStack({ ...stack, waitForLock: LOCK_PATIENCE, signal, onEvent }, work);
}

type Decided = Exclude<NextStep, { type: "begin" }> | ({ readonly type: "begin" } & Split);

/** Decides what to do, and does it where that is no more than another split. */
async function decideAndSplit(
  context: RolloutContext,
  percent: number,
): Promise<{ step: Decided; plan: ScriptPlan; live: LiveDeployment }> {
  const { name, api, scriptName, stack, signal, terminal } = context;
  const { result, plan } = await planScript({ ...stack, name, signal });
  if (plan === undefined) throw new UserError(`${name} is not rolled out: ${failureOf(result)}`);
  const live = await deployedOf(context);
  const newest = await newestVersions(api, scriptName);
  const step = nextStep({ name, planned: plan, live, newest, percent });
  if (step.type !== "begin" && step.type !== "shift") return { step, plan, live };
  const waiting = plan.others.map(({ resource }) => resource.name);
  if (waiting.length > 0) terminal.line(`  Changed, too, and left for the next up: ${waiting.join(", ")}`);
  const split: Split = step.type === "shift" ? step : { old: step.old, new: await uploaded(context, plan, step) };
  const shares = [
    { id: split.old.id, percentage: 100 - percent },
    { id: split.new.id, percentage: percent },
  ];
  const id = await deployShares(api, scriptName, shares, messages.split(percent));
  return { step: { type: step.type, ...split }, plan, live: { ...live, id } };
}

async function uploaded(
  { api, scriptName, terminal, name }: RolloutContext,
  plan: ScriptPlan,
  step: NextStep & { type: "begin" },
): Promise<ScriptVersion> {
  // A rollout that was killed before the split, or taken back, has left it.
  if (step.uploaded) return step.uploaded;
  const since = performance.now();
  const id = await plan.upload(markOf(plan.fingerprint ?? ""));
  const version = (await newestVersions(api, scriptName)).find((one) => one.id === id);
  if (!version) throw new UserError(`Version ${id} of ${name} was uploaded, but the account does not have it.`);
  terminal.done(
    `version ${version.number} of ${name} uploaded, beside version ${step.old.number}`,
    performance.now() - since,
  );
  return version;
}

/** Watches a split until the new version is well, or not, or the time is over. Takes it back when it is not. */
async function watch(
  context: RolloutContext,
  { old, new: newer }: Split,
  deploymentId: string,
): Promise<RolloutOutcome> {
  const { gate, name, signal, terminal } = context;
  if (!gate) return { outcome: "split" };
  const deadline = Date.now() + gate.within;
  for (;;) {
    const figures = await gate.figures();
    if (figures.deploymentId !== deploymentId) {
      throw new UserError(`Somebody else has deployed ${name} meanwhile. See: tenner rollout ${name} status`);
    }
    const [before, now] = [figures.of(old.id), figures.of(newer.id)];
    const health = judge(before, now, gate);
    if (health.state === "healthy") {
      terminal.done(`version ${newer.number} is well: ${described(now)}; the old version ${described(before)}`);
      return { outcome: "split" };
    }
    if (health.state === "unhealthy") {
      terminal.warn(`version ${newer.number} is not well: ${health.reason}`);
      return takeBack(context, health.reason);
    }
    if (signal.aborted || Date.now() > deadline) {
      const reason =
        now.requests < gate.requests
          ? `version ${newer.number} has had ${now.requests} of the ${gate.requests} requests by which it is judged`
          : `version ${newer.number} is slow, with too few requests to be sure: ${described(now)}; the old one ${described(before)}`;
      terminal.warn(
        `${signal.aborted ? "interrupted" : `${gate.within / 1000} s are over`}: ${reason}. The split stays as it is.\n` +
          `Go on with the same command once there are requests (or with --no-gate), or: tenner rollout ${name} rollback`,
      );
      return { outcome: "unjudged", reason };
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

/** Gives the new version all requests, and makes the state say what `up` would have made it say. */
async function promote(
  context: RolloutContext,
  plan: ScriptPlan,
  live: LiveDeployment,
  version: ScriptVersion,
): Promise<RolloutOutcome> {
  const { api, name, scriptName, stack, signal, terminal } = context;
  let done = false;
  const promoteOnce = async () => {
    done = true;
    const now = await deployedOf(context);
    if (now.id !== live.id) throw new UserError(`somebody else has deployed ${name} meanwhile`);
    if (now.versions.length === 1 && now.versions[0]?.id === version.id) return;
    await deployShares(api, scriptName, [{ id: version.id, percentage: 100 }], messages.promoted);
  };
  const result = await promoteScript({
    ...stack,
    name,
    plan,
    promote: promoteOnce,
    signal,
    waitForLock: LOCK_PATIENCE,
  });
  if (result.outcome !== "succeeded") throw new UserError(`${name} is not promoted: ${failureOf(result)}`);
  // The state may have known the new inputs already, e.g. after a refresh.
  if (!done) await locked(context, promoteOnce);
  terminal.done(`version ${version.number} of ${name} has all requests, and the state says so`);
  return { outcome: "promoted" };
}

function described({ requests, errors, p95Ms }: Figures): string {
  return `${requests} requests, ${errors} failed, p95 ${p95Ms === null ? "–" : `${Math.round(p95Ms)} ms`}`;
}
