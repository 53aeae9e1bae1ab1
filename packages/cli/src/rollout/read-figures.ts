import * as z from "zod";
import type { Running } from "../running.ts";
import { UserError } from "../user-error.ts";
import type { Figures } from "./health-gate.ts";

const Overview = z.object({
  deployment: z.object({ id: z.string() }).nullable(),
  versions: z.array(
    z.object({
      id: z.string(),
      requests: z.number(),
      errors: z.number(),
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
    }),
  ),
});

/** How the versions of a Worker fare since its last deployment. */
export interface VersionFigures {
  readonly deploymentId: string | undefined;
  of(versionId: string): Figures;
}

const NONE: Figures = { requests: 0, errors: 0, p50Ms: null, p95Ms: null };

/** @throws UserError when the local cloud does not tell them */
export async function readFigures(
  { url, apiToken }: Pick<Running["cloud"], "url" | "apiToken">,
  accountId: string,
  scriptName: string,
): Promise<VersionFigures> {
  const query = new URLSearchParams({ account: accountId, script: scriptName });
  const headers = { authorization: `Bearer ${apiToken}` };
  const response = await fetch(`${url}/_local/workers/versions?${query}`, { headers }).catch(() => undefined);
  if (!response?.ok) {
    throw new UserError(`The local cloud tells no figures of ${scriptName}: ${response?.status ?? "it is not there"}`);
  }
  const { deployment, versions } = Overview.parse(await response.json());
  return { deploymentId: deployment?.id, of: (id) => versions.find((version) => version.id === id) ?? NONE };
}
