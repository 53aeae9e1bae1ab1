import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { destroy, removeDurable, removeStack } from "@tenner/engine";
import { type AccountApi, accountApi, openAccountApi } from "../account-api.ts";
import type { Existing } from "../customers/account-inventory.ts";
import { LOCK_PATIENCE } from "../deploy.ts";
import { keepData } from "../keep-data.ts";
import { removeLocalAccount } from "../local-account.ts";
import { accountIdOf, prepareLocalStack, stackFile } from "../local-stack.ts";
import type { Project } from "../project.ts";
import type { Running } from "../running.ts";
import { UserError } from "../user-error.ts";
import { previewStack } from "./preview-name.ts";
import { sweepPreview } from "./sweep-account.ts";

const CLOUDFLARE = "https://api.cloudflare.com/client/v4";

/** The account that previews are made in, by the environment's token. @throws UserError without one */
export function previewAccount(accountId: string, environment: NodeJS.ProcessEnv = process.env): AccountApi {
  const token = environment["CLOUDFLARE_API_TOKEN"];
  if (!token) throw new UserError("--account needs an API token: export CLOUDFLARE_API_TOKEN=…");
  if (!/^[0-9a-f]{32}$/.test(accountId)) throw new UserError(`--account ${accountId}: is not 32 hexadecimal digits`);
  return accountApi({ accountId, baseUrl: environment["CLOUDFLARE_BASE_URL"] ?? CLOUDFLARE, token });
}

/** Takes a preview of the local cloud away with all that is its: resources, account, state and settings. */
export async function removeLocalPreview(
  project: Project,
  cloud: Running["cloud"],
  pullRequest: number,
): Promise<void> {
  const name = previewStack(pullRequest);
  if (!existsSync(stackFile(project, name))) throw new UserError(`There is no preview of pull request ${pullRequest}.`);
  const stack = await prepareLocalStack(project, name, cloud);
  const { outcome, diagnostics } = await destroy({
    ...stack,
    ...keepData({ "allow-data-loss": true }),
    waitForLock: LOCK_PATIENCE,
  });
  if (outcome !== "succeeded") {
    const reasons = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => `  ${message}`);
    throw new UserError([`${name} could not be removed. Run the same command again.`, ...reasons].join("\n"));
  }
  await sweepPreview(await openAccountApi(stack), pullRequest);
  await removeLocalAccount(cloud, accountIdOf(name));
  await removeStack(stack);
  // Last: as long as the settings are there, the same command goes on.
  await removeDurable(stackFile(project, name));
}

/** Takes a preview away from an account. What this machine remembers of it goes, too. */
export async function removeAccountPreview(
  project: Project,
  api: AccountApi,
  pullRequest: number,
): Promise<readonly Existing[]> {
  const deleted = await sweepPreview(api, pullRequest);
  const name = previewStack(pullRequest);
  const memory = path.join(project.local, "previews", name);
  if (existsSync(memory)) {
    await rm(memory, { recursive: true, force: true });
    await removeDurable(stackFile(project, name));
  }
  return deleted;
}
