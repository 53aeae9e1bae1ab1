import { findSmollm2, type InstalledModel } from "@tenner/local-cloud/smollm2";
import type { Project } from "./project.ts";
import { UserError } from "./user-error.ts";

/** The models that `tenner model install` knows. */
export const MODEL_NAMES = ["smollm2"] as const;

/**
 * The installed model that `TENNER_MODEL` names; `undefined` where it names none.
 *
 * @throws {UserError} unknown, not installed, or named together with an upstream server
 */
export function chosenTextModel(
  project: Project,
  environment: NodeJS.ProcessEnv = process.env,
): InstalledModel | undefined {
  const name = environment["TENNER_MODEL"];
  if (!name) return undefined;
  if (environment["TENNER_UPSTREAM_URL"]) {
    throw new UserError("TENNER_MODEL and TENNER_UPSTREAM_URL both name who answers. Leave one of them out.");
  }
  requireKnownModel(name, "TENNER_MODEL");
  const installed = findSmollm2(project.models);
  if (installed) return installed;
  throw new UserError(
    `TENNER_MODEL=${name}: this model is not installed. Install it with: ./tenner model install ${name}`,
  );
}

/** @throws {UserError} naming the models there are */
export function requireKnownModel(name: string, source: string): void {
  if ((MODEL_NAMES as readonly string[]).includes(name)) return;
  throw new UserError(`${source}: there is no model "${name}". The models are: ${MODEL_NAMES.join(", ")}.`);
}
