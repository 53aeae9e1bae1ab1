import { createHash } from "node:crypto";
import { exportState, openStore, StateError } from "@tenner/engine";
import * as z from "zod";
import type { StackReference } from "../local-stack.ts";

/** What is known of a customer's last deployment that succeeded. */
const Deployment = z.object({
  /** See `ProgramVersions`. */
  version: z.string(),
  /** SHA-256 of the state that the deployment has left: another one was changed by somebody since. */
  state: z.string(),
  /** RFC 3339 */
  at: z.string(),
  gatewayId: z.string(),
  capUsd: z.number(),
  ledgerDatabaseId: z.string(),
  workers: z.record(z.string(), z.object({ scriptName: z.string(), url: z.string().optional() })),
});
export type Deployment = z.infer<typeof Deployment>;

/** What had been spent when it was last read: US dollars of a month. */
const Spent = z.object({ usd: z.number(), month: z.string(), at: z.string() });
export type Spent = z.infer<typeof Spent>;

/**
 * Reads the record of a stack's last deployment, kept beside its state. It is a memory and no truth: without it the stack is
 * deployed once more, which changes nothing.
 */
export async function readDeployment(stack: StackReference): Promise<Deployment | undefined> {
  return Deployment.safeParse(await readJson(stack, "deployment")).data;
}

/** Writes it; another reader sees the old or the new. */
export function writeDeployment(stack: StackReference, deployment: Deployment): Promise<void> {
  return writeJson(stack, "deployment", deployment);
}

/** What was read last of a customer's spending. */
export async function readSpent(stack: StackReference): Promise<Spent | undefined> {
  return Spent.safeParse(await readJson(stack, "spent")).data;
}

/** Keeps it, so that a customer that sleeps need not be woken for it. */
export function writeSpent(stack: StackReference, spent: Spent): Promise<void> {
  return writeJson(stack, "spent", spent);
}

/** Forgets both. */
export async function removeRecords(stack: StackReference): Promise<void> {
  for (const kind of ["spent", "deployment"] as const) await openStore(stack).remove(keyOf(stack, kind));
}

/** The state as it is now; undefined when there is none. */
export async function stateHash(stack: StackReference): Promise<string | undefined> {
  try {
    return createHash("sha256")
      .update(await exportState(stack))
      .digest("hex");
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

type Kind = "deployment" | "spent";

/** Beside `.pulumi`, where the Pulumi CLI does not look. */
function keyOf({ stack }: StackReference, kind: Kind): string {
  return `customers/${stack}.${kind}.json`;
}

function writeJson(stack: StackReference, kind: Kind, content: object): Promise<void> {
  return openStore(stack).write(keyOf(stack, kind), `${JSON.stringify(content, null, 2)}\n`);
}

async function readJson(stack: StackReference, kind: Kind): Promise<unknown> {
  const text = await openStore(stack).read(keyOf(stack, kind));
  try {
    return JSON.parse(text ?? "") as unknown; // a schema follows
  } catch {
    return undefined;
  }
}
