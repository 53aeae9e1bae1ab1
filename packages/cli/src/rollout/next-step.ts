import type { ScriptPlan } from "@tenner/engine";
import { UserError } from "../user-error.ts";
import type { LiveDeployment, ScriptVersion } from "./deployments.ts";

/** What a rollout needs to know of the program. */
type Planned = Pick<ScriptPlan, "changed" | "beyondVersion" | "others" | "fingerprint">;

export interface RolloutFacts {
  /** The template. */
  readonly name: string;
  readonly planned: Planned;
  readonly live: LiveDeployment;
  /** The newest versions, newest first. */
  readonly newest: readonly ScriptVersion[];
  /** Share of the requests that the new version is to get, 1–100. */
  readonly percent: number;
}

/** What brings a rollout to a share, from wherever it is. */
export type NextStep =
  /** Upload the new version, unless one that is there already is the same, and split. */
  | { readonly type: "begin"; readonly old: ScriptVersion; readonly uploaded: ScriptVersion | undefined }
  | { readonly type: "shift"; readonly old: ScriptVersion; readonly new: ScriptVersion }
  | { readonly type: "promote"; readonly old: ScriptVersion; readonly new: ScriptVersion }
  /** The new version has all requests; only the state does not say so yet. */
  | { readonly type: "settle"; readonly new: ScriptVersion }
  /** It is so already. */
  | { readonly type: "none"; readonly new: ScriptVersion };

/** A rollout that is under way. */
export interface Split {
  readonly old: ScriptVersion;
  readonly new: ScriptVersion;
}

/**
 * The versions of a rollout under way; undefined when one version has all requests.
 *
 * @throws UserError for a split that somebody else has made
 */
export function splitOf(name: string, { versions }: LiveDeployment): Split | undefined {
  const [old, newer] = versions;
  if (old === undefined || newer === undefined) return undefined;
  if (newer.fingerprint !== undefined) return { old, new: newer };
  throw new UserError(
    `Requests to ${name} are split over versions ${old.number} and ${newer.number}, but not by a rollout of tenner.\n` +
      "End that where it was begun, e.g. with: npx wrangler versions deploy",
  );
}

/**
 * Decides what to do. Each step leaves the Worker so that the same command again goes on from there.
 *
 * @throws UserError which says why it cannot be, and what to do
 */
export function nextStep({ name, planned, live, newest, percent }: RolloutFacts): NextStep {
  const split = splitOf(name, live);
  if (split) {
    if (planned.fingerprint === undefined) refuseMore(name, planned);
    if (split.new.fingerprint !== planned.fingerprint) {
      throw new UserError(
        `The rollout of ${name} has begun with other code or settings (version ${split.new.number}) than there are now.\n` +
          `Put them back as they were, or take it back and begin anew: tenner rollout ${name} rollback`,
      );
    }
    refuseMore(name, planned);
    return { type: percent === 100 ? "promote" : "shift", ...split };
  }
  const current = live.versions[0];
  if (current === undefined) throw new UserError(`${name} has no version that answers. Deploy it: tenner up`);
  if (current.fingerprint !== undefined && current.fingerprint === planned.fingerprint) {
    if (percent === 100) return { type: planned.changed ? "settle" : "none", new: current };
    if (planned.changed) {
      throw new UserError(
        `Version ${current.number} of ${name} has all requests already. Finish: tenner rollout ${name} --percent 100`,
      );
    }
  }
  if (!planned.changed) {
    throw new UserError(`There is nothing to roll out: ${name} is deployed as the program and the code say.`);
  }
  refuseMore(name, planned);
  if (percent === 100) {
    throw new UserError(
      `No rollout of ${name} is active. Begin with a part: tenner rollout ${name} --percent 10; all at once is: tenner up`,
    );
  }
  const uploaded = newest.find(
    ({ fingerprint, number }) =>
      fingerprint !== undefined && fingerprint === planned.fingerprint && number > current.number,
  );
  return { type: "begin", old: current, uploaded };
}

/**
 * A rollout brings a version of one Worker and no more. Other Workers' code may wait for the next `up`.
 *
 * @throws UserError which names what else has changed
 */
function refuseMore(name: string, { beyondVersion, others }: Planned): void {
  const needed = others.filter(
    ({ resource, step }) => !(resource.type.endsWith(":WorkersScript") && step === "update"),
  );
  const what = [
    ...beyondVersion.map((property) => `${property} of ${name}, which all its versions share`),
    ...needed.map(({ resource, step }) => `${shortType(resource.type)} ${resource.name} (${step})`),
  ];
  if (what.length === 0) return;
  const alone = beyondVersion.length === 0 && !needed.some(({ resource }) => shortType(resource.type) === MIGRATIONS);
  const urns = needed.map(({ resource }) => resource.urn).join(",");
  throw new UserError(
    `A rollout is of one Worker's code, assets and bindings, but more has changed:\n` +
      what.map((one) => `  ${one}`).join("\n") +
      (alone
        ? `\nDeploy that first, where the old code goes on with it: tenner up --target '${urns}'`
        : "\nTwo versions cannot differ in that. Deploy it for all requests: tenner up"),
  );
}

/** Durable Objects run one version, so classes come and go for all requests at once. */
const MIGRATIONS = "DurableObjectMigrations";

function shortType(type: string): string {
  return type.split(":").at(-1) ?? type;
}
