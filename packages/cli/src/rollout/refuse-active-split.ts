import { openAccountApi } from "../account-api.ts";
import type { StackReference } from "../local-stack.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { UserError } from "../user-error.ts";
import { readLive } from "./deployments.ts";

/**
 * Before the real Pulumi CLI runs, which knows of no rollout: the built-in engine looks for itself.
 *
 * @throws UserError while requests to a Worker of the stack are split over two versions
 */
export async function refuseActiveSplit(stack: StackReference, advice: string): Promise<void> {
  const templates = Object.entries(await deployedTemplates(stack));
  if (templates.length === 0) return;
  const api = await openAccountApi(stack);
  for (const [name, { scriptName }] of templates) {
    const live = await readLive(api, scriptName);
    if (live && live.versions.length > 1) {
      const shares = live.versions.map(({ number, percentage }) => `version ${number} ${percentage} %`).join(", ");
      const message = `rollout: requests to ${name} are split over two versions (${shares}). ${advice}`;
      throw new UserError(message.replaceAll("{name}", name));
    }
  }
}
