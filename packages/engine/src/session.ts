import { join, resolve } from "node:path";
import { refuseActiveRollouts } from "./active-rollouts.ts";
import { type Checkpoint, CheckpointWriter } from "./checkpoint.ts";
import { Deployment, stackOutputs } from "./deployment.ts";
import type { EngineEvent, OperationName, UpdateResult } from "./events.ts";
import { Journal } from "./journal.ts";
import { lockStack } from "./lock.ts";
import { isBucket, openStore } from "./open-store.ts";
import { type Crypter, openCrypter } from "./passphrase.ts";
import { type Project, readProject } from "./project.ts";
import { DynamicProcess } from "./providers/dynamic-process.ts";
import { ProviderHost } from "./providers/provider-host.ts";
import { Redactor } from "./redactor.ts";
import { Reporter } from "./reporter.ts";
import { type ConfigValue, StackConfig } from "./stack-config.ts";
import {
  ensureBackend,
  type HistoryEntry,
  readCheckpoint,
  type StateFiles,
  stateFiles,
  writeCheckpoint,
  writeHistory,
} from "./state-files.ts";
import type { StateStore } from "./state-store.ts";
import type { StepContext } from "./step-context.ts";
import { UnsavedState } from "./unsaved-state.ts";
import { STACK_TYPE, type StackName } from "./urn.ts";
import { UNKNOWN, type Values } from "./values.ts";

/** Which stack, and how to work on it. */
export interface StackOptions {
  /** Has `Pulumi.yaml`. */
  readonly projectDirectory: string;
  readonly stack: string;
  /** `DIR` of the backend `file://DIR`, or the URL of a bucket: `s3://BUCKET?endpoint=…&region=…`. */
  readonly backend: string;
  /**
   * With a bucket: the folder of this machine for what is not shared, which is compiled modules, and a state that the
   * bucket did not take. @default `.tenner` in the project's folder
   */
  readonly localDirectory?: string;
  readonly passphrase: string;
  /** Environment for the program, the providers and the bucket's keys, over that of this process. */
  readonly environment?: Record<string, string>;
  readonly onEvent?: (event: EngineEvent) => void;
  /** Aborted: no new steps, those that run end, the state is saved. */
  readonly signal?: AbortSignal;
  /** How long to wait for somebody else who works on the stack, in ms. @default 0 */
  readonly waitForLock?: number;
  /**
   * Deletes and replaces nothing that holds data (rows, objects, keys, messages, stored Durable Objects): such a step is
   * an error instead, which ends in this advice. Left out, what is lost is only told of.
   */
  readonly keepData?: string | undefined;
  /**
   * Does nothing while requests to a Worker are split over two versions, which an upload would end: it is an error then,
   * which ends in this advice (`{name}` is the resource's name). A preview goes on all the same.
   */
  readonly keepRollouts?: string | undefined;
  /** How many steps run at once. @default 16 */
  readonly parallel?: number;
}

/** How an operation opens a stack. */
export interface SessionKind {
  readonly operation: OperationName;
  readonly preview: boolean;
  readonly order?: "program" | "in place";
}

/** One operation on one stack, from the lock to the result. */
export interface Session {
  readonly project: Project;
  readonly stack: StackName;
  readonly reporter: Reporter;
  readonly environment: NodeJS.ProcessEnv;
  /** Where Node keeps the compiled modules of the program and its providers. */
  readonly cacheDirectory: string;
  readonly parallel: number;
  /** Configuration, revealed. */
  readonly configuration: ReadonlyMap<string, ConfigValue>;
  /** Ends when the state is read and decrypted. */
  readonly context: Promise<StepContext>;
  /** The outputs of another stack in the same folder. */
  readonly readStack: (project: string | undefined, stack: string) => Promise<Values>;
}

const KINDS: Readonly<Record<OperationName, HistoryEntry["kind"]>> = {
  up: "update",
  preview: "update",
  "update-resource": "update",
  refresh: "refresh",
  destroy: "destroy",
  import: "import",
};

/** Variables whose values are never shown. */
const SECRET_VARIABLES = [
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_API_KEY",
  "PULUMI_CONFIG_PASSPHRASE",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
];

/**
 * Runs an operation on a stack: takes the lock, reads configuration and state, and in the end saves the state, writes the
 * history and gives the lock back, whatever happened.
 * @throws StackLockedError, CorruptStateError, WrongPassphraseError: before anything was done
 */
export async function withSession(
  options: StackOptions,
  kind: SessionKind,
  work: (session: Session) => Promise<void>,
): Promise<UpdateResult> {
  const since = performance.now();
  const startTime = Math.floor(Date.now() / 1000);
  const project = await readProject(options.projectDirectory);
  const stack = { project: project.name, stack: options.stack };
  const config = await StackConfig.read(project, options.stack);
  const files = stateFiles(openStore(options), stack);
  const reporter = new Reporter(new Redactor(), options.onEvent, kind.preview);
  reporter.redactor.learnText(options.passphrase);
  const environment = { ...process.env, ...options.environment };
  const cacheDirectory = join(localDirectory(options), ".compile-cache");
  for (const name of SECRET_VARIABLES) reporter.redactor.learnText(environment[name] ?? "");
  reporter.emit({ type: "operation-started", operation: kind.operation, ...stack, preview: kind.preview });
  const release = kind.preview ? async () => {} : await lock(options, files, reporter);
  let dynamicProcess: DynamicProcess | undefined;
  try {
    const opened = openState(options, kind, config, files, stack, reporter);
    // An operation that fails before it needs the state must not leave this one unhandled.
    opened.catch(() => {});
    const configuration = config.values(config.hasSecrets ? await opened.crypter : undefined);
    for (const value of configuration.values()) if (value.secret) reporter.redactor.learnText(value.value);
    const texts = Object.fromEntries([...configuration].map(([key, { value }]) => [key, value]));
    dynamicProcess = new DynamicProcess({
      projectDirectory: project.directory,
      ...stack,
      environment,
      cacheDirectory,
      configuration: texts,
      onOutput: (line) => reporter.output("stderr", line),
    });
    const context = opened.then(async ({ journal }): Promise<StepContext> => {
      for (const state of journal.resources) reporter.redactor.learn([state.inputs, state.outputs]);
      const interrupted = journal.pending;
      if (interrupted.length > 0) {
        const urns = interrupted.map((operation) => `${operation.type} ${operation.resource.urn}`);
        reporter.notice(`an earlier run was interrupted while ${urns.join(", ")}`);
      }
      const shared = { stack, project, configuration, environment, journal };
      const providers = new ProviderHost({ ...shared, dynamicProcess: started(dynamicProcess) });
      if (options.keepRollouts !== undefined && !kind.preview)
        await refuseActiveRollouts(journal.resources, providers, options.keepRollouts);
      return { journal, providers, reporter, preview: kind.preview, keepData: options.keepData, interrupted };
    });
    context.catch(() => {});
    const readStack = stackReader(options, files.store, stack, opened.crypter);
    const parallel = options.parallel ?? 16;
    await work({ project, stack, reporter, environment, cacheDirectory, parallel, configuration, context, readStack });
    const { journal } = await context;
    await journal.saveIfChanged();
    if (!kind.preview) await config.save();
    const state = journal.resources.find((resource) => resource.type === STACK_TYPE);
    const result: UpdateResult = {
      outcome: options.signal?.aborted ? "cancelled" : reporter.failed ? "failed" : "succeeded",
      changes: reporter.changes,
      outputs: shownOutputs(stackOutputs(state)),
      durationMs: performance.now() - since,
      diagnostics: reporter.diagnostics,
    };
    if (!kind.preview) await writeHistory(files, options.stack, historyEntry(kind, startTime, result, config));
    reporter.emit({ type: "operation-finished", operation: kind.operation, preview: kind.preview, result });
    return result;
  } finally {
    await dynamicProcess?.close();
    await release();
  }
}

async function lock(options: StackOptions, files: StateFiles, reporter: Reporter): Promise<() => Promise<void>> {
  return lockStack(files.locks, {
    wait: options.waitForLock ?? 0,
    notice: (message) => reporter.notice(message),
    signal: options.signal,
  });
}

type OpenedState = Promise<{ journal: Journal }> & { crypter: Promise<Crypter | undefined> };

/** Reads the state while the key is derived: each takes its time, so neither waits for the other. */
function openState(
  options: StackOptions,
  kind: SessionKind,
  config: StackConfig,
  files: StateFiles,
  stack: StackName,
  reporter: Reporter,
): OpenedState {
  const reading = readCheckpoint(files);
  const crypter = (async () => {
    const saltOfState = config.salt === undefined ? (await reading)?.salt : undefined;
    if (kind.preview && config.salt === undefined && saltOfState === undefined) return undefined;
    return config.crypter(options.passphrase, saltOfState);
  })();
  crypter.catch(() => {});
  const journal = (async () => {
    const sealed = await reading;
    const own = await crypter;
    const ofState = sealed?.salt !== undefined && sealed.salt !== own?.salt;
    const checkpoint: Checkpoint = sealed?.open(
      ofState ? await openCrypter(options.passphrase, sealed.salt ?? "") : own,
    ) ?? {
      resources: [],
      pendingOperations: [],
    };
    return { journal: new Journal(checkpoint, persist(options, kind, own, files, stack, reporter), kind.order) };
  })();
  return Object.assign(journal, { crypter });
}

function persist(
  options: StackOptions,
  kind: SessionKind,
  crypter: Crypter | undefined,
  files: StateFiles,
  stack: StackName,
  reporter: Reporter,
) {
  if (kind.preview || !crypter) return async () => {};
  const writer = new CheckpointWriter(crypter, `organization/${stack.project}/${stack.stack}`);
  const unsaved = isBucket(options) ? new UnsavedState(localDirectory(options), stack) : undefined;
  let backend: Promise<void> | undefined;
  const write = async (text: string) => {
    backend ??= ensureBackend(files).catch((error: unknown) => {
      backend = undefined;
      throw error;
    });
    await backend;
    await writeCheckpoint(files, text);
  };
  return async (checkpoint: Checkpoint) => {
    const text = writer.write(checkpoint);
    if (!unsaved) return write(text);
    try {
      await write(text);
    } catch (error) {
      throw await unsaved.keep(text, error);
    }
    await unsaved.forget((message) => reporter.notice(message));
  };
}

/** The folder of this machine for what is not shared. */
export function localDirectory({
  backend,
  projectDirectory,
  localDirectory: given,
}: Pick<StackOptions, "backend" | "projectDirectory" | "localDirectory">): string {
  return isBucket({ backend }) ? resolve(given ?? join(projectDirectory, ".tenner")) : resolve(backend);
}

function stackReader(
  options: StackOptions,
  store: StateStore,
  { project }: StackName,
  crypter: Promise<Crypter | undefined>,
) {
  return async (otherProject: string | undefined, stack: string): Promise<Values> => {
    const files = stateFiles(store, { project: otherProject ?? project, stack });
    const sealed = await readCheckpoint(files);
    if (!sealed) throw new Error(`there is no stack ${otherProject ?? project}/${stack} in ${options.backend}`);
    const own = await crypter;
    const theirs =
      sealed.salt !== undefined && sealed.salt !== own?.salt ? await openCrypter(options.passphrase, sealed.salt) : own;
    const { resources } = sealed.open(theirs);
    return resources.find((state) => state.type === STACK_TYPE)?.outputs ?? {};
  };
}

function historyEntry(kind: SessionKind, startTime: number, result: UpdateResult, config: StackConfig): HistoryEntry {
  return {
    kind: KINDS[kind.operation],
    startTime,
    endTime: Math.floor(Date.now() / 1000),
    result: result.outcome === "succeeded" ? "succeeded" : "failed",
    resourceChanges: Object.fromEntries(Object.entries(result.changes).filter(([, count]) => count > 0)),
    config: config.sealedValues(),
  };
}

/** What is secret is masked, for results are printed; in a preview what is not known yet is named as such. */
function shownOutputs(outputs: UpdateResult["outputs"]): UpdateResult["outputs"] {
  const masked = Object.entries(outputs).map(([name, { value, secret }]) => [
    name,
    { value: secret ? "[secret]" : value, secret },
  ]);
  const shown: UpdateResult["outputs"] = JSON.parse(
    JSON.stringify(Object.fromEntries(masked)).replaceAll(UNKNOWN, "[unknown]"),
  );
  return shown;
}

function started(process: DynamicProcess | undefined): DynamicProcess {
  if (!process) throw new Error("the session is closed");
  return process;
}

/** A deployment over a session's state. */
export async function openDeployment(
  session: Session,
  targets: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Deployment> {
  const context = await session.context;
  return new Deployment(context, { stack: session.stack, parallel: session.parallel, targets, signal });
}
