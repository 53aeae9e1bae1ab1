import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { config, type EngineEvent, outputs, type UpdateResult, up } from "@tenner/engine";
import { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import { type AccountApi, openAccountApi } from "../account-api.ts";
import { buildAll } from "../build.ts";
import { readSpend } from "../customers/spend.ts";
import { LOCK_PATIENCE } from "../deploy.ts";
import { keepData } from "../keep-data.ts";
import { keepRollouts } from "../keep-rollouts.ts";
import { prepareLocalStack, type StackReference, stackFile } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { type Running, workerUrls } from "../running.ts";
import { deployedTemplates } from "../stack-outputs.ts";
import { stackTemplates } from "../stack-templates.ts";
import { UserError } from "../user-error.ts";
import { previewStack } from "./preview-name.ts";
import type { PreviewReport } from "./preview-report.ts";
import { previewSettings } from "./preview-settings.ts";
import { sweepPreview } from "./sweep-account.ts";

/** By this setting a stack is a preview, for the program and for the reaper. */
export const PREVIEW_KEY = "tenner:preview";

/** What `PREVIEW_KEY` holds. */
export const PreviewMark = z.object({ pullRequest: z.int().positive(), expiresAt: z.iso.datetime() });

/** Where a preview is made. */
export type PreviewPlace =
  | { readonly where: "local"; readonly cloud: Running["cloud"] }
  | { readonly where: "account"; readonly accountId: string };

interface PreviewOptions {
  readonly pullRequest: number;
  /** The stack whose settings it takes; left out for the defaults. */
  readonly base?: string | undefined;
  readonly budgetUsd: number;
  readonly hoursToLive: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
}

const StackOutputs = z.object({
  ledger: z.object({ databaseId: z.string() }),
  aiGateway: z.object({ capUsd: z.number() }),
});
const Subdomain = z.looseObject({ subdomain: z.string().min(1) });

/**
 * Makes the preview of a pull request, or brings it up to date.
 *
 * In an account a preview keeps no state anywhere: what an earlier one has left there is deleted by its names, and all is
 * made anew. So a workflow needs a token and nothing else.
 */
export async function deployPreview(
  project: Project,
  place: PreviewPlace,
  options: PreviewOptions,
): Promise<PreviewReport> {
  const { pullRequest, signal, onEvent } = options;
  const expiresAt = new Date(Date.now() + options.hoursToLive * 3_600_000).toISOString();
  const settings = previewSettings(await baseSettings(project, options.base), options.budgetUsd);
  const stack = await openPreview(project, place, pullRequest);
  await config.set(stack, PREVIEW_KEY, JSON.stringify({ pullRequest, expiresAt }), { secret: false });
  await config.set(stack, "tenner:settings", JSON.stringify(settings), { secret: false });
  const api = await openAccountApi(stack);
  if (place.where === "account") {
    await sweepPreview(api, pullRequest);
    const found = Subdomain.safeParse(await api.call("GET", "/workers/subdomain").catch(() => undefined));
    if (found.success) await config.set(stack, "tenner:workersSubdomain", found.data.subdomain, { secret: false });
  }
  await buildAll(project, await stackTemplates(project, stack.stack));
  const changes: PreviewReport["changes"] = [];
  const result = await up({
    ...stack,
    ...keepData({ "allow-data-loss": true }),
    ...keepRollouts({}, `run tenner up -s ${stack.stack} --despite-rollout`),
    signal,
    waitForLock: LOCK_PATIENCE,
    onEvent(event) {
      const change = changeOf(event);
      if (change) changes.push(change);
      onEvent(event);
    },
  });
  const bill = result.outcome === "succeeded" ? await readBill(stack, api) : undefined;
  return {
    pull_request: pullRequest,
    stack: stack.stack,
    where: place.where,
    outcome: result.outcome,
    duration_ms: Math.round(result.durationMs),
    expires_at: expiresAt,
    addresses: result.outcome === "succeeded" ? await addressesOf(stack, place) : [],
    changes,
    unchanged: result.changes.same,
    ...(bill && { bill }),
    errors: messages(result, "error"),
    warnings: messages(result, "warning"),
  };
}

async function baseSettings(project: Project, base: string | undefined): Promise<Settings> {
  if (base === undefined) return Settings.parse({});
  if (!existsSync(stackFile(project, base))) throw new UserError(`--base ${base}: there is no such stack`);
  const stored = await config.get({ projectDirectory: project.infra, stack: base }, "tenner:settings");
  const parsed = Settings.safeParse(parseJson(stored?.value ?? "{}"));
  if (parsed.success) return parsed.data;
  throw new UserError(`--base ${base}: its settings are wrong:\n${z.prettifyError(parsed.error)}`);
}

async function openPreview(project: Project, place: PreviewPlace, pullRequest: number): Promise<StackReference> {
  const name = previewStack(pullRequest);
  if (place.where === "local") return prepareLocalStack(project, name, place.cloud);
  const backend = path.join(project.local, "previews", name);
  // The account is the only memory that a preview has.
  await rm(backend, { recursive: true, force: true });
  await rm(stackFile(project, name), { force: true });
  const stack = {
    projectDirectory: project.infra,
    stack: name,
    backend,
    passphrase: randomBytes(24).toString("base64url"),
  };
  await config.set(stack, "tenner:accountId", place.accountId, { secret: false });
  return stack;
}

async function addressesOf(stack: StackReference, place: PreviewPlace): Promise<PreviewReport["addresses"]> {
  const local =
    place.where === "local"
      ? await workerUrls({ ...place.cloud, accountId: (await openAccountApi(stack)).accountId })
      : undefined;
  return Object.entries(await deployedTemplates(stack)).flatMap(([template, { scriptName, url }]) => {
    const address = local?.get(scriptName) ?? url;
    return address === undefined ? [] : [{ template, url: address }];
  });
}

async function readBill(stack: StackReference, api: AccountApi): Promise<PreviewReport["bill"]> {
  const all = Object.entries(await outputs(stack)).map(([key, { value }]) => [key, value]);
  const { ledger, aiGateway } = StackOutputs.parse(Object.fromEntries(all));
  const month = new Date().toISOString().slice(0, 7);
  return { ceiling_usd: aiGateway.capUsd, spent_usd: await readSpend(api, ledger.databaseId, month) };
}

function changeOf(event: EngineEvent): PreviewReport["changes"][number] | undefined {
  if (event.type !== "resource-finished" || event.step === "same" || event.replaced) return undefined;
  const { type, name } = event.resource;
  if (/^(tenner|pulumi):/.test(type)) return undefined; // what only holds others
  const shortType = type.split(":").at(-1) ?? type;
  return { step: event.step, type: shortType, name, paths: event.changes.map(({ path: property }) => property) };
}

function messages({ diagnostics }: UpdateResult, wanted: "error" | "warning"): string[] {
  return diagnostics.filter(({ severity }) => severity === wanted).map(({ message }) => message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
