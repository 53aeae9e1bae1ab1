import * as z from "zod";
import type { AccountApi } from "../account-api.ts";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/ */
const Deployment = z.looseObject({
  id: z.string(),
  created_on: z.string(),
  versions: z.array(z.looseObject({ version_id: z.string(), percentage: z.number() })),
  annotations: z.record(z.string(), z.unknown()).nullish(),
});
const Deployments = z.looseObject({ deployments: z.array(Deployment) });
const Version = z.looseObject({
  id: z.string(),
  number: z.number(),
  annotations: z.record(z.string(), z.unknown()).nullish(),
});
const Versions = z.looseObject({ items: z.array(Version) });

/** What versions and deployments of ours say of themselves. Cloudflare keeps 100 characters. */
const MESSAGE = "workers/message";
const MARK = "tenner rollout ";
const TAKEN_BACK = "tenner rollback: ";

/** A version of a Worker. */
export interface ScriptVersion {
  readonly id: string;
  readonly number: number;
  /** What it was made of, where a rollout has made it. */
  readonly fingerprint: string | undefined;
}

/** A version that is deployed. */
export interface DeployedVersion extends ScriptVersion {
  /** Share of the requests, 0–100. */
  readonly percentage: number;
}

/** Which versions of a Worker answer. */
export interface LiveDeployment {
  readonly id: string;
  /** RFC 3339 */
  readonly createdOn: string;
  /** Why a rollout was taken back, if this did so. */
  readonly takenBack: string | undefined;
  /** Those with a share, oldest first. */
  readonly versions: readonly DeployedVersion[];
}

/** @returns null for a script that is not there, or was never deployed */
export async function readLive(api: AccountApi, scriptName: string): Promise<LiveDeployment | null> {
  const answer = await api.call("GET", `${scriptPath(scriptName)}/deployments`);
  const deployment = answer === null ? undefined : Deployments.parse(answer).deployments[0];
  if (deployment === undefined) return null;
  const shares = deployment.versions.filter(({ percentage }) => percentage > 0);
  const versions = await Promise.all(
    shares.map(async ({ version_id: id, percentage }) => ({
      ...described(Version.parse(await api.call("GET", `${scriptPath(scriptName)}/versions/${id}`))),
      percentage,
    })),
  );
  const message = messageOf(deployment);
  return {
    id: deployment.id,
    createdOn: deployment.created_on,
    takenBack: message?.startsWith(TAKEN_BACK) ? message.slice(TAKEN_BACK.length) : undefined,
    versions: versions.sort((left, right) => left.number - right.number),
  };
}

/** The newest versions, also those that nobody has deployed, newest first. */
export async function newestVersions(api: AccountApi, scriptName: string): Promise<ScriptVersion[]> {
  const answer = await api.call("GET", `${scriptPath(scriptName)}/versions?per_page=25`);
  return answer === null ? [] : Versions.parse(answer).items.map(described);
}

/** Sends requests to versions by their shares. @returns the deployment's id */
export async function deployShares(
  api: AccountApi,
  scriptName: string,
  shares: readonly { readonly id: string; readonly percentage: number }[],
  message: string,
): Promise<string> {
  const answer = await api.call("POST", `${scriptPath(scriptName)}/deployments`, {
    strategy: "percentage",
    versions: shares.map(({ id, percentage }) => ({ version_id: id, percentage })),
    annotations: { [MESSAGE]: message.slice(0, 100) },
  });
  return z.looseObject({ id: z.string() }).parse(answer).id;
}

/** What a version of a rollout says of itself. */
export function markOf(fingerprint: string): Record<string, string> {
  return { [MESSAGE]: MARK + fingerprint };
}

export const messages = {
  split: (percent: number) => `tenner rollout: ${percent} % of the requests`,
  promoted: "tenner rollout: all requests",
  takenBack: (reason: string) => TAKEN_BACK + reason,
};

function described(version: z.infer<typeof Version>): ScriptVersion {
  const { id, number } = version;
  const message = messageOf(version);
  return { id, number, fingerprint: message?.startsWith(MARK) ? message.slice(MARK.length) : undefined };
}

function messageOf({ annotations }: { annotations?: Record<string, unknown> | null | undefined }): string | undefined {
  const message = annotations?.[MESSAGE];
  return typeof message === "string" ? message : undefined;
}

function scriptPath(scriptName: string): string {
  return `/workers/scripts/${encodeURIComponent(scriptName)}`;
}
