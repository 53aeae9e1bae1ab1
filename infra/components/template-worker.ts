import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type * as cloudflare from "@pulumi/cloudflare";
import { WorkersCronTrigger } from "@pulumi/cloudflare/workersCronTrigger.js";
import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "../settings.ts";
import { DurableObjectMigrations } from "./durable-object-migrations.ts";
import { type BindingSource, declaredBindings, type MatchedBinding, matchBindings } from "./match-bindings.ts";
import { type MatchedConsumer, matchQueues } from "./match-queues.ts";
import type { ConsumerSettings, QueueWithDlq } from "./queue-with-dlq.ts";
import { datasetName, rateLimitNamespace, resourceName } from "./resource-names.ts";
import type { TemplateSource } from "./template-source.ts";

export interface TemplateWorkerArgs {
  readonly stack: Stack;
  /** Where each binding of wrangler.jsonc comes from, by name. What needs no resource (AI, assets…) is left out. */
  readonly bindings: Readonly<Record<string, BindingSource>>;
  /** Bindings that wrangler.jsonc need not name, because the Worker runs without them: here only where they exist. */
  readonly optionalBindings?: Readonly<Record<string, BindingSource>>;
  /** The queues that the Worker consumes; wrangler.jsonc says how, and by which bindings it sends to them. */
  readonly queues?: readonly QueueWithDlq[];
  /** Consumer settings of this stack, by queue, instead of those in wrangler.jsonc. */
  readonly consumerSettings?: Readonly<Record<string, Partial<ConsumerSettings>>>;
}

/** The folder of `Pulumi.yaml`; file properties are relative to it, so that the state says nothing of the machine. */
const PROJECT_FOLDER = join(import.meta.dirname, "..");

/**
 * The Worker of a template. Its wrangler.jsonc says what it needs, the program says where that comes from, and this
 * joins them: the script with its bindings, its Durable Object classes, its queues' consumers, its schedules and its
 * address.
 * What `dependsOn` names comes before anything of the script is uploaded.
 */
export class TemplateWorker extends pulumi.ComponentResource {
  readonly scriptName: pulumi.Output<string>;
  /** Where it answers, as far as the stack's configuration tells. */
  readonly url: string | undefined;

  constructor(source: TemplateSource, args: TemplateWorkerArgs, options?: pulumi.ComponentResourceOptions) {
    super("tenner:index:TemplateWorker", source.name, {}, options);
    const { name: template, configuration } = source;
    const { stack } = args;
    const { accountId } = stack;
    const scriptName = resourceName(stack.name, template);
    const { bindings, consumed } = matchConfiguration(source, args, ownNames(stack, source));
    // A component's children do not wait by themselves for what it depends on.
    const upload = { parent: this, ...(options?.dependsOn !== undefined && { dependsOn: options.dependsOn }) };

    const script = new WorkersScript(
      template,
      {
        accountId,
        scriptName: migratedScript(source, { accountId, scriptName }, upload),
        ...scriptProperties(source),
        bindings: bindings as unknown as cloudflare.types.input.WorkersScriptBinding[], // by name and kind, as the API has them
      },
      { ...upload, additionalSecretOutputs: ["bindings"] },
    );
    const own = { parent: this };
    const onWorkersDev = stack.settings.domain === undefined;
    new WorkersScriptSubdomain(
      template,
      { accountId, scriptName: script.scriptName, enabled: onWorkersDev, previewsEnabled: false },
      own,
    );
    // Also when there are none: the provider never deletes schedules, it only sets them.
    new WorkersCronTrigger(
      template,
      { accountId, scriptName: script.scriptName, schedules: configuration.triggers.crons.map((cron) => ({ cron })) },
      own,
    );
    for (const { queue, settings, deadLetterSettings } of consumed) {
      queue.consumedBy(script, { ...settings, ...args.consumerSettings?.[queue.name] }, deadLetterSettings);
    }
    const hostname = stack.settings.domain && `${template}.${stack.settings.domain}`;
    if (hostname) {
      new WorkersCustomDomain(
        template,
        { accountId, hostname, service: script.scriptName },
        // The API answers an environment that the program did not say, which the provider takes for a change.
        { ...own, ignoreChanges: ["environment"], deleteBeforeReplace: true },
      );
    }
    this.scriptName = script.scriptName;
    this.url = hostname ? `https://${hostname}` : workersDevUrl(stack, scriptName);
    this.registerOutputs({ scriptName: this.scriptName, url: this.url });
  }
}

/** @throws with every problem in one message */
function matchConfiguration(
  { title, configuration }: TemplateSource,
  { bindings: given, optionalBindings, queues = [] }: TemplateWorkerArgs,
  own: Readonly<Record<string, object>>,
): { bindings: MatchedBinding[]; consumed: MatchedConsumer<QueueWithDlq>[] } {
  const queued = matchQueues(configuration.queues, queues);
  // A queue that is missing is named as such, not again as a binding without a resource.
  const declared = declaredBindings(configuration).filter(
    ({ name, type }) => type !== "queue" || queued.bindings[name],
  );
  const bound = matchBindings(declared, { ...given, ...queued.bindings }, optionalBindings);
  const problems = [...bound.problems, ...queued.problems];
  if (problems.length > 0)
    throw new pulumi.RunError([`${title}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  return {
    bindings: bound.bindings.map((binding) => ({ ...binding, ...own[binding.name] })),
    consumed: queued.consumed,
  };
}

/** What is global in an account derives from the stack's name, not from wrangler.jsonc. */
function ownNames(stack: Stack, { name: template, configuration }: TemplateSource): Record<string, object> {
  const dataset = datasetName(stack.name, template);
  return Object.fromEntries([
    ...configuration.ratelimits.map(({ name }) => [
      name,
      { namespaceId: rateLimitNamespace(stack.name, template, name) },
    ]),
    ...configuration.analytics_engine_datasets.map(({ binding }) => [binding, { dataset }]),
  ]);
}

/** The script's name, once its Durable Object classes exist. */
function migratedScript(
  { name, configuration, bundle }: TemplateSource,
  { accountId, scriptName }: { accountId: string; scriptName: string },
  options: pulumi.CustomResourceOptions,
): pulumi.Input<string> {
  if (configuration.migrations.length === 0) return scriptName;
  const classes = new DurableObjectMigrations(
    name,
    {
      accountId,
      scriptName,
      migrations: configuration.migrations,
      contentFile: relative(PROJECT_FOLDER, bundle.file),
      mainModule: bundle.main,
      compatibilityDate: configuration.compatibility_date,
      compatibilityFlags: configuration.compatibility_flags,
    },
    options,
  );
  return classes.scriptName;
}

function scriptProperties({ configuration, bundle, folder }: TemplateSource) {
  const { assets, limits, observability, placement } = configuration;
  return {
    mainModule: bundle.main,
    contentFile: relative(PROJECT_FOLDER, bundle.file),
    contentSha256: bundle.sha256,
    compatibilityDate: configuration.compatibility_date,
    compatibilityFlags: configuration.compatibility_flags,
    // Every member said outright: what the API fills in would look like a change after a refresh.
    observability: {
      enabled: observability.enabled ?? true,
      headSamplingRate: observability.head_sampling_rate ?? 1,
      logs: {
        enabled: observability.logs?.enabled ?? observability.enabled ?? true,
        headSamplingRate: observability.logs?.head_sampling_rate ?? 1,
        invocationLogs: observability.logs?.invocation_logs ?? true,
        persist: observability.logs?.persist ?? true,
        destinations: [],
      },
    },
    ...(limits && {
      limits: {
        ...(limits.cpu_ms !== undefined && { cpuMs: limits.cpu_ms }),
        ...(limits.subrequests !== undefined && { subrequests: limits.subrequests }),
      },
    }),
    ...(placement && { placement }),
    ...(assets && {
      assets: {
        directory: relative(PROJECT_FOLDER, join(folder, assets.directory)),
        config: {
          ...(assets.html_handling !== undefined && { htmlHandling: assets.html_handling }),
          ...(assets.not_found_handling !== undefined && { notFoundHandling: assets.not_found_handling }),
          ...(assets.run_worker_first !== undefined && { runWorkerFirst: assets.run_worker_first }),
          ...fileContent("headers", join(folder, assets.directory, "_headers")),
          ...fileContent("redirects", join(folder, assets.directory, "_redirects")),
        },
      },
    }),
  };
}

function fileContent(property: "headers" | "redirects", file: string) {
  return existsSync(file) ? { [property]: readFileSync(file, "utf8") } : {};
}

function workersDevUrl({ workersSubdomain }: Stack, scriptName: string): string | undefined {
  return workersSubdomain && `https://${scriptName}.${workersSubdomain}.workers.dev`;
}
