import type { Deployment, Registered } from "../src/deployment.ts";
import type { UpdateResult } from "../src/events.ts";
import type { Goal } from "../src/goal.ts";
import { openDeployment, withSession } from "../src/session.ts";
import { createUrn, STACK_TYPE } from "../src/urn.ts";
import { ACCOUNT, type TestProject } from "./project.ts";

export const KV = "cloudflare:index/workersKvNamespace:WorkersKvNamespace";
export const QUEUE = "cloudflare:index/queue:Queue";
const D1 = "cloudflare:index/d1Database:D1Database";
export const STACK = "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev";

/** A goal with everything left out filled in. */
export function goal(type: string, name: string, inputs: Goal["inputs"] = {}, options: Partial<Goal> = {}): Goal {
  return {
    type,
    name,
    inputs: { accountId: ACCOUNT, ...inputs },
    custom: true,
    parent: STACK,
    protect: false,
    provider: "",
    version: "6.22.1",
    dependencies: [],
    propertyDependencies: {},
    deleteBeforeReplace: undefined,
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    importId: "",
    customTimeouts: undefined,
    retainOnDelete: false,
    deletedWith: "",
    ...options,
  };
}

export const kv = (name: string, options: Partial<Goal> = {}, title = `lab-${name}`) =>
  goal(KV, name, { title }, options);
export const d1 = (name: string, options: Partial<Goal> = {}, inputs: Goal["inputs"] = {}) =>
  goal(D1, name, { name: `lab-${name}`, readReplication: { mode: "disabled" }, ...inputs }, options);
export const queue = (name: string, options: Partial<Goal> = {}, inputs: Goal["inputs"] = {}) =>
  goal(QUEUE, name, { queueName: `lab-${name}`, ...inputs }, options);

export const urnOf = (type: string, name: string, parent = STACK) =>
  createUrn({ project: "lab", stack: "dev" }, parent, type, name);

/** What stands for a program: registers, one after the other or at once. */
export type FakeProgram = (register: (goal: Goal) => Promise<Registered>, deployment: Deployment) => Promise<unknown>;

/** An `up` whose program is a function here, so it takes milliseconds. */
export function upWith(
  project: TestProject,
  program: FakeProgram,
  {
    preview = false,
    target = [],
    ...more
  }: { preview?: boolean; target?: string[]; signal?: AbortSignal; keepData?: string } = {},
): Promise<UpdateResult> {
  return withSession(
    { ...project.options, ...more },
    { operation: preview ? "preview" : "up", preview },
    async (session) => {
      const deployment = await openDeployment(session, target, more.signal);
      await deployment.register(goal(STACK_TYPE, "lab-dev", {}, { custom: false, parent: "", inputs: {} }));
      await program((wanted) => deployment.register(wanted), deployment);
      await deployment.settled();
      if (!session.reporter.failed && !more.signal?.aborted) await deployment.removeLeftovers();
    },
  );
}
