import { isBucket, outputs } from "@tenner/engine";
import * as z from "zod";
import { type AccountApi, AccountApiError, openAccountApi } from "../account-api.ts";
import { isLocalStack, openStack } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { findRunning } from "../running.ts";
import { UserError } from "../user-error.ts";
import { checkState } from "./check-state.ts";
import type { Finding } from "./finding.ts";

/** A right that a stack's token needs, and a call that only works with it. */
const RIGHTS = [
  ["Workers Scripts: Edit", "/workers/scripts"],
  ["Workers KV Storage: Edit", "/storage/kv/namespaces"],
  ["D1: Edit", "/d1/database"],
  ["Workers R2 Storage: Edit", "/r2/buckets"],
  ["Queues: Edit", "/queues"],
  ["AI Gateway: Edit", "/ai-gateway/gateways"],
  ["Vectorize: Edit", "/vectorize/v2/indexes"],
] as const;

/** Gateways in an account: 10 on the free plan, 20 on the paid one. */
const GATEWAYS = 10;

const Gateway = z.looseObject({
  spend_limits: z
    .looseObject({ enabled: z.boolean(), rules: z.array(z.looseObject({ enabled: z.boolean() })) })
    .nullish(),
});
const AiGateway = z.object({ id: z.string(), capUsd: z.number() });

/** Looks at the stack's account by its API: may the token do what the program does, is there room, is the cap on? */
export async function checkAccount(project: Project, name: string): Promise<Finding[]> {
  const local = await isLocalStack(project, name);
  if (local && !(await findRunning(project))) {
    return [{ what: `stack ${name}`, state: "unknown", said: "its local cloud does not run", remedy: "npm start" }];
  }
  const states: Finding[] = [];
  try {
    const stack = await openStack(project, name);
    if (isBucket(stack)) states.push(await checkState(stack));
    if (states.some(({ state }) => state === "wrong")) return states;
    const api = await openAccountApi(stack);
    const rights = await Promise.all(RIGHTS.map(([right, path]) => checkRight(api, right, path)));
    const deployed = AiGateway.safeParse((await outputs(stack))["aiGateway"]?.value);
    const cap = deployed.success ? await checkCap(api, deployed.data) : notDeployed(name);
    return [...states, ...rights, await checkRoom(api), cap];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [...states, { what: `stack ${name}`, state: "wrong", said: error.message }];
  }
}

async function checkRight(api: AccountApi, right: string, path: string): Promise<Finding> {
  const what = `token, ${right}`;
  try {
    await api.call("GET", path);
    return { what, state: "right", said: "may read, and so may edit unless the token says Read" };
  } catch (error) {
    if (!(error instanceof AccountApiError)) throw error;
    if (error.status !== 401 && error.status !== 403) return { what, state: "unknown", said: error.message };
    return {
      what,
      state: "wrong",
      said: error.message,
      remedy: "add the right to the token: dashboard → My Profile → API Tokens (docs/guides/real-account.md)",
    };
  }
}

async function checkRoom(api: AccountApi): Promise<Finding> {
  const what = "room for gateways";
  const gateways = await api.call("GET", "/ai-gateway/gateways?per_page=50").catch(() => null);
  if (!Array.isArray(gateways)) return { what, state: "unknown", said: "could not be counted" };
  const said = `${gateways.length} of ${GATEWAYS} (free plan; 20 on the paid one)`;
  if (gateways.length < GATEWAYS) return { what, state: "right", said };
  return { what, state: "unknown", said, remedy: "another stack needs the paid plan, or another account" };
}

async function checkCap(api: AccountApi, { id, capUsd }: z.infer<typeof AiGateway>): Promise<Finding> {
  const what = `cap of gateway ${id}`;
  const limits = Gateway.safeParse(await api.call("GET", `/ai-gateway/gateways/${id}`)).data?.spend_limits;
  if (limits?.enabled && limits.rules.some(({ enabled }) => enabled)) {
    return { what, state: "right", said: `$${capUsd} in 30 days, on` };
  }
  return { what, state: "wrong", said: "is not on", remedy: "tenner up puts it on, and fails if it does not hold" };
}

function notDeployed(name: string): Finding {
  return { what: `stack ${name}`, state: "unknown", said: "is not deployed yet", remedy: "npm start, or tenner up" };
}
