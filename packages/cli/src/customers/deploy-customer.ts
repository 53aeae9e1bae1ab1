import { type EngineEvent, outputs, type UpdateResult, up } from "@tenner/engine";
import * as z from "zod";
import { LOCK_PATIENCE } from "../deploy.ts";
import { keepData } from "../keep-data.ts";
import { keepRollouts } from "../keep-rollouts.ts";
import { prepareLocalStack } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { type Customer, openCustomer } from "./customer.ts";
import type { LocalCloud } from "./customers-cloud.ts";
import { type Deployment, readDeployment, stateHash, writeDeployment } from "./deployment-record.ts";
import type { ProgramVersions } from "./program-version.ts";

const Outputs = z.object({
  ledger: z.object({ databaseId: z.string() }),
  aiGateway: z.object({ id: z.string(), capUsd: z.number() }),
});

/** How a deployment has ended. */
export interface Deployed {
  readonly result: UpdateResult;
  /** When it succeeded. */
  readonly deployment?: Deployment;
}

/** Runs the program for a customer, whose templates have to be built, and keeps what it has become. */
export async function deployCustomer(
  project: Project,
  customer: Customer,
  cloud: LocalCloud,
  options: { versions: ProgramVersions; signal: AbortSignal; onEvent?: (event: EngineEvent) => void },
): Promise<Deployed> {
  const { versions, signal, onEvent } = options;
  const stack =
    customer.local && cloud
      ? await prepareLocalStack(project, customer.name, cloud)
      : await openCustomer(project, customer);
  const version = await versions.of(stack, customer.settings.templates);
  const data = keepData({}, `run tenner up -s ${customer.name} --allow-data-loss`);
  const kept = keepRollouts({}, `run tenner up -s ${customer.name} --despite-rollout`);
  const result = await up({
    ...stack,
    ...data,
    ...kept,
    signal,
    waitForLock: LOCK_PATIENCE,
    ...(onEvent && { onEvent }),
  });
  if (result.outcome !== "succeeded") return { result };
  const all = Object.entries(await outputs(stack)).map(([key, { value }]) => [key, value]);
  const { ledger, aiGateway } = Outputs.parse(Object.fromEntries(all));
  const deployment: Deployment = {
    version,
    state: (await stateHash(stack)) ?? "",
    at: new Date().toISOString(),
    gatewayId: aiGateway.id,
    capUsd: aiGateway.capUsd,
    ledgerDatabaseId: ledger.databaseId,
    workers: Object.fromEntries(
      Object.entries(await deployedTemplates(stack)).map(([name, { scriptName, url }]) => [
        name,
        { scriptName, ...(url !== undefined && { url }) },
      ]),
    ),
  };
  await writeDeployment(stack, deployment);
  return { result, deployment };
}

/** Whether a customer's deployment is the one that would be made now, and nobody has touched its state since. */
export async function isUpToDate(project: Project, customer: Customer, versions: ProgramVersions): Promise<boolean> {
  const stack = await openCustomer(project, customer);
  const deployment = await readDeployment(stack);
  if (deployment?.version !== (await versions.of(stack, customer.settings.templates))) return false;
  return deployment.state === (await stateHash(stack));
}

/** Why a deployment has failed, in one line. */
export function failureOf({ outcome, diagnostics }: UpdateResult): string {
  if (outcome === "cancelled") return "interrupted";
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return (errors[0] ?? "no reason was given").replaceAll(/\s+/g, " ");
}
