import { orGone } from "./adapters/crud.ts";
import { items, members } from "./adapters/properties.ts";
import { scriptPath } from "./adapters/script-upload.ts";
import type { ResourceState } from "./checkpoint.ts";
import type { ProviderHost } from "./providers/provider-host.ts";
import { urnName } from "./urn.ts";
import { revealAll } from "./values.ts";

/** Requests to a Worker are split over two of its versions, which an upload would end. */
export class RolloutActiveError extends Error {
  override readonly name = "RolloutActiveError";
}

/** The resource type of a Worker's script. */
export const SCRIPT_TYPE = "cloudflare:index/workersScript:WorkersScript";

/**
 * Refuses to go on while requests to a script of the stack are split over two versions.
 *
 * @param advice what to do, for the error; `{name}` is the resource's name
 * @throws RolloutActiveError which names each
 */
export async function refuseActiveRollouts(
  resources: readonly ResourceState[],
  providers: ProviderHost,
  advice: string,
): Promise<void> {
  const scripts = resources.filter((state) => state.type === SCRIPT_TYPE && !state.delete);
  const found = await Promise.all(scripts.map((state) => activeRollout(state, providers, advice)));
  const active = found.filter((one) => one !== undefined);
  if (active.length > 0) throw new RolloutActiveError(active.join("\n"));
}

async function activeRollout(
  { urn, id, outputs, provider }: ResourceState,
  providers: ProviderHost,
  advice: string,
): Promise<string | undefined> {
  const properties = revealAll(outputs);
  const path = `${scriptPath(properties, id ?? "")}/deployments`;
  const [current] = items(members(await orGone(providers.nextClient(provider).request("GET", path))).deployments);
  const shares = items(current?.["versions"]).filter(({ percentage }) => Number(percentage) > 0);
  if (shares.length < 2) return undefined;
  const versions = shares.map(
    ({ version_id: version, percentage }) => `${String(version).slice(0, 8)} ${Number(percentage)} %`,
  );
  const name = urnName(urn);
  return `rollout: requests to ${name} are split over two versions (${versions.join(", ")}). ${advice.replaceAll("{name}", name)}`;
}
