import { resolve } from "node:path";
import { SCRIPT_TYPE } from "./active-rollouts.ts";
import type { AdapterContext, ResourceAdapter } from "./adapter.ts";
import { fileHash, uploadVersion, VERSION_INPUTS, versionFingerprint } from "./adapters/script-upload.ts";
import { keptScript, promotedScript } from "./adapters/workers-script.ts";
import type { ResourceState } from "./checkpoint.ts";
import type { EngineEvent, ResourceReference, UpdateResult } from "./events.ts";
import { cloudflareResource } from "./providers/cloudflare-resource.ts";
import { deployResource } from "./resource-step.ts";
import { type StackOptions, withSession } from "./session.ts";
import { reported } from "./step-context.ts";
import { runProgram } from "./up.ts";
import { findResource, goalOf } from "./update-resource.ts";
import { hasUnknown, revealAll, type Values } from "./values.ts";

/** A script as the program wants it, before anything is done about it. */
export interface ScriptPlan {
  /** Whether the stack's state has something else. */
  readonly changed: boolean;
  /** Inputs that would change and belong to the script as a whole, not to one of its versions. */
  readonly beyondVersion: readonly string[];
  /** Everything else that `up` would do now, e.g. `update`. */
  readonly others: readonly { readonly resource: ResourceReference; readonly step: string }[];
  /** The inputs, as the state would have them. Secrets are marked. */
  readonly inputs: Values;
  /**
   * What the version is made of, as 16 hexadecimal digits that tell nothing of its secrets. Undefined while that is not
   * known, because resources of `others` have to be made first.
   */
  readonly fingerprint: string | undefined;
  /**
   * Uploads it as a version that no request goes to.
   * @param annotations by their names on the wire, e.g. `workers/message`
   * @returns the version's id
   */
  upload(annotations: Readonly<Record<string, string>>): Promise<string>;
}

/**
 * Runs the program to learn what it wants of one script. Nothing is changed.
 *
 * @param name of the `WorkersScript` in the program
 * @returns without a plan when the program or its preview failed: the result says why
 */
export async function planScript(
  options: StackOptions & { readonly name: string },
): Promise<{ result: UpdateResult; plan: ScriptPlan | undefined }> {
  const finished: Extract<EngineEvent, { type: "resource-finished" }>[] = [];
  const onEvent = (event: EngineEvent) => {
    if (event.type === "resource-finished" && event.step !== "same" && event.step !== "read") finished.push(event);
    options.onEvent?.(event);
  };
  let plan: ScriptPlan | undefined;
  const result = await withSession(
    { ...options, onEvent },
    { operation: "preview", preview: true },
    async (session) => {
      const { providers, journal, reporter } = await session.context;
      const before = findResource({ journal }, { type: SCRIPT_TYPE, name: options.name });
      await runProgram({ ...options, preview: true }, session, import("./monitor.ts"));
      if (reporter.failed || options.signal?.aborted) return;
      const { inputs, provider } = findResource({ journal }, before.urn);
      const revealed = revealAll(inputs);
      const own = finished.find(({ resource }) => resource.urn === before.urn);
      const changedInputs = (own?.changes ?? []).map(({ path }) => path.split(/[.[]/, 1)[0] ?? path);
      const { directory: projectDirectory } = session.project;
      plan = {
        changed: own !== undefined,
        beyondVersion: [...new Set(changedInputs)].filter((name) => !VERSION_INPUTS.includes(name)),
        others: finished.filter((event) => event !== own).map(({ resource, step }) => ({ resource, step })),
        inputs,
        fingerprint: hasUnknown(revealed)
          ? undefined
          : await versionFingerprint(revealed, projectDirectory, options.passphrase),
        async upload(annotations) {
          if (hasUnknown(revealed)) throw new Error(`what ${options.name} is made of is not known yet`);
          const context: AdapterContext = {
            client: providers.client(provider),
            projectDirectory,
            signal: options.signal ?? AbortSignal.timeout(UPLOAD_LIMIT),
          };
          await refuseOtherBundle(revealed, projectDirectory);
          return uploadVersion(context, revealed, annotations);
        },
      };
    },
  );
  return { result, plan };
}

/** ms */
const UPLOAD_LIMIT = 300_000;

async function refuseOtherBundle({ contentFile, contentSha256 }: Values, projectDirectory: string): Promise<void> {
  if (typeof contentFile !== "string") return;
  const hash = await fileHash(resolve(projectDirectory, contentFile));
  if (hash !== contentSha256) throw new Error(`${contentFile} was built anew meanwhile: begin again`);
}

/**
 * Makes the state say that a script runs as it was planned, once another of its versions gets all requests. When it is
 * interrupted, the state knows that an update was under way, and both this and `up` finish it.
 *
 * @param options.promote gives all requests to the version that was made of the plan's inputs
 */
export async function promoteScript(
  options: StackOptions & {
    readonly name: string;
    readonly plan: Pick<ScriptPlan, "inputs">;
    readonly promote: () => Promise<void>;
  },
): Promise<UpdateResult> {
  return updateScript(options, promotedScript(options.promote), () => options.plan.inputs);
}

/** Makes the state forget an update of a script that was interrupted: its old version has been given all requests again. */
export async function keepScript(options: StackOptions & { readonly name: string }): Promise<UpdateResult> {
  return updateScript(options, keptScript, ({ inputs }) => inputs);
}

async function updateScript(
  options: StackOptions & { readonly name: string },
  adapter: ResourceAdapter,
  inputsOf: (old: ResourceState) => Values,
): Promise<UpdateResult> {
  return withSession(options, { operation: "update-resource", preview: false, order: "in place" }, async (session) => {
    const context = await session.context;
    const old = findResource(context, { type: SCRIPT_TYPE, name: options.name });
    const since = performance.now();
    const client = () => context.providers.client(old.provider);
    try {
      await deployResource(context, {
        goal: goalOf(old, inputsOf(old)),
        urn: old.urn,
        old,
        providerReference: old.provider ?? "",
        provider: cloudflareResource(adapter, client, session.project.directory),
        claim: async () => {},
        isRegistered: () => true,
      });
    } catch (error) {
      context.reporter.failedResource(reported(old), "update", error, since);
    }
  });
}
