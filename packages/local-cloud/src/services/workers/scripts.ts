import { createHash } from "node:crypto";
import { notEmulated } from "../../core/api-error.ts";
import type { Candidate, Validation } from "../../core/code-check.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Figures, VersionFigures } from "../../core/version-figures.ts";
import type { WorkerDefinition } from "../../core/worker-definition.ts";
import type { Bindings } from "./bindings.ts";
import { errors } from "./errors.ts";
import type { Metadata, ScriptSettings } from "./metadata.ts";
import { type Migrated, migrate } from "./migrate.ts";
import type { Deployment, Script, Version, VersionAssets, VersionSettings, WorkersStore } from "./store.ts";
import { checkModules, runtimeModules, type Upload, type UploadedModule } from "./upload.ts";

/** What the Workers service wants of the runtime. */
export interface WorkersRuntime {
  changed(accountId: string): void;
  openDoor(accountId: string, script: string, port: number): Promise<void>;
  closeDoor(accountId: string, script: string): Promise<void>;
  removeObjects(accountId: string, namespaceId: string): Promise<void>;
  /** How requests went since the last deployment, by version. Undefined for a script without an address. */
  figures(accountId: string, script: string): VersionFigures | undefined;
  /** The ids of a class's Durable Objects that have stored something. */
  storedObjects(accountId: string, namespaceId: string): Promise<readonly string[]>;
}

/** A folder that the runtime serves. */
export interface Site {
  readonly directory: string;
  /** Content type by path. */
  readonly contentTypes: Record<string, string>;
}

/** What Workers want of the assets that were uploaded. */
export interface UploadedAssets {
  /** Which site a completion token stands for. @throws {ApiError} when files of it are missing. */
  complete(accountId: string, token: string): string;
  /** The site as a folder, with the contents of `_headers` and `_redirects` as its rules. */
  site(accountId: string, site: string, rules: { headers?: string | null; redirects?: string | null }): Site;
}

export interface ScriptsOptions {
  readonly ctx: ServiceContext;
  readonly store: WorkersStore;
  readonly bindings: Bindings;
  readonly assets: UploadedAssets;
  readonly runtime: WorkersRuntime;
  validate(candidate: Candidate): Promise<Validation>;
  /** Other things that point to a script, e.g. `queue jobs`: it is not deleted while there are any. */
  dependents(accountId: string, script: string): string[];
  /** Custom domains that lead to a script. */
  domains(accountId: string, script: string): { id: string; hostname: string }[];
}

const NAME = /^[a-z0-9_][a-z0-9_-]{0,62}$/;
const NO_SUBDOMAIN = { enabled: false, previews_enabled: false };

/** How a version comes to be. */
export interface VersionRequest {
  readonly upload: Upload;
  readonly source: string;
  /** Deploys it at 100 %. */
  readonly deploy: boolean;
  readonly triggeredBy: string;
}

/** A version of the current deployment. */
export interface DeployedVersion {
  readonly version: Version;
  /** Share of the requests, 0–100. */
  readonly percentage: number;
  /** Undefined for a script without an address. */
  readonly figures: Figures | undefined;
}

/** Workers, their versions and deployments, and the rules between them. */
export class Scripts {
  readonly #options: ScriptsOptions;
  /** One upload of a script at a time: each depends on what the one before left. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #sites = new Map<string, Site>();

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  get store(): WorkersStore {
    return this.#options.store;
  }

  get bindings(): Bindings {
    return this.#options.bindings;
  }

  /** @throws {ApiError} 404, code 10007. */
  get(accountId: string, name: string): Script {
    const script = this.store.script(accountId, name);
    if (script === undefined) throw errors.scriptNotFound();
    return script;
  }

  /** The version that answers most requests, else the newest one. */
  current(script: Script): Version | undefined {
    const deployment = this.store.currentDeployment(script.accountId, script.name);
    const deployed = deployment && this.#deployedVersions(script, deployment);
    if (!deployed) return this.store.latestVersion(script.accountId, script.name);
    return deployed.toSorted((left, right) => right.percentage - left.percentage)[0]?.version;
  }

  /** Makes a script without code, as the beta Workers API does. Answers the one that is there. */
  async create(accountId: string, name: string, settings: ScriptSettings): Promise<Script> {
    const known = this.store.script(accountId, name);
    if (known) return known;
    if (!NAME.test(name)) throw errors.invalidName(name);
    const { ctx } = this.#options;
    const limit = ctx.limits(accountId).scripts;
    if (this.store.scripts(accountId).length >= limit) throw errors.tooManyScripts(limit);
    const now = ctx.clock.now();
    const script: Script = {
      accountId,
      name,
      tag: ctx.ids.hex(),
      createdOn: now,
      modifiedOn: now,
      deployedOn: null,
      settings,
      subdomain: NO_SUBDOMAIN,
      migrationTag: null,
      port: null,
    };
    this.store.saveScript(script);
    const withPort = { ...script, port: await this.#openDoor(accountId, name) };
    this.store.saveScript(withPort);
    ctx.activity.record({ type: "change", accountId, product: "workers", action: "created", resource: name });
    return withPort;
  }

  /** Changes what belongs to the script and not to a version. */
  update(script: Script, change: Partial<Script>): Script {
    const changed = { ...script, ...change, modifiedOn: this.#options.ctx.clock.now() };
    this.store.saveScript(changed);
    return changed;
  }

  /**
   * Makes a version of an upload. Nothing is kept, and what runs goes on, when anything about it is wrong.
   *
   * @throws {ApiError} 10021 when the code does not start, and the codes of bindings and migrations.
   */
  addVersion(accountId: string, name: string, request: VersionRequest): Promise<Version> {
    if (!NAME.test(name)) throw errors.invalidName(name);
    const key = `${accountId}/${name}`;
    const before = this.#queues.get(key) ?? Promise.resolve();
    const work = before.catch(() => {}).then(() => this.#addVersion(accountId, name, request));
    this.#queues.set(key, work);
    return work.finally(() => {
      if (this.#queues.get(key) === work) this.#queues.delete(key);
    });
  }

  /** A version like the newest one but for some settings, deployed. For secrets and settings. */
  changeVersion(
    script: Script,
    metadata: Metadata,
    about: Pick<VersionRequest, "source" | "triggeredBy">,
  ): Promise<Version> {
    const { accountId, name } = script;
    const latest = this.store.latestVersion(accountId, name);
    if (latest && script.deployedOn !== null && this.current(script)?.id !== latest.id)
      throw errors.latestNotDeployed();
    const modules = latest ? this.store.modules(latest.id) : [];
    const upload: Upload = {
      metadata: {
        compatibility_date: latest?.settings.compatibility_date,
        compatibility_flags: latest?.settings.compatibility_flags,
        limits: latest?.settings.limits,
        placement: latest?.settings.placement,
        usage_model: latest?.settings.usage_model,
        main_module: latest?.mainModule,
        keep_assets: true,
        ...metadata,
      },
      modules,
    };
    return this.addVersion(accountId, name, { upload, deploy: true, ...about });
  }

  /** Sends requests to versions by percentage. @throws {ApiError} when they do not add up to 100, or one migrates. */
  deploy(
    script: Script,
    versions: readonly { version_id: string; percentage: number }[],
    about: { source: string; annotations: Record<string, string> },
  ): Deployment {
    const { accountId, name } = script;
    const { ctx } = this.#options;
    const found = versions.map(({ version_id: id }) => {
      const version = this.store.version(accountId, name, id);
      if (version === undefined) throw errors.versionNotFound(id);
      return version;
    });
    const sum = versions.reduce((total, { percentage }) => total + percentage, 0);
    if (versions.length < 1 || versions.length > 2 || Math.abs(sum - 100) > 0.001)
      throw errors.invalidDeployment(
        `a deployment has one or two versions whose percentages add up to 100, not ${sum}`,
      );
    if (new Set(found.map(({ id }) => id)).size < found.length)
      throw errors.invalidDeployment("a deployment cannot name a version twice");
    if (found.length > 1 && new Set(found.map(({ migrationTag }) => migrationTag)).size > 1)
      throw errors.invalidDeployment("versions before and after a Durable Object migration cannot run side by side");
    const now = ctx.clock.now();
    const deployment: Deployment = {
      id: ctx.ids.uuid(),
      script: name,
      createdOn: now,
      versions: versions.map(({ percentage, version_id }) => ({ percentage, version_id })),
      ...about,
    };
    this.store.transaction(() => {
      this.store.addDeployment(accountId, deployment);
      this.store.saveScript({ ...this.get(accountId, name), deployedOn: now, modifiedOn: now });
    });
    this.#options.runtime.figures(accountId, name)?.clear();
    this.#options.runtime.changed(accountId);
    ctx.activity.record({ type: "change", accountId, product: "workers", action: "deployed", resource: name });
    return deployment;
  }

  /** The versions of the current deployment with how their requests went since it was made. */
  figures(script: Script): { deployment: Deployment | undefined; versions: DeployedVersion[] } {
    const { accountId, name } = script;
    const deployment = this.store.currentDeployment(accountId, name);
    const figures = this.#options.runtime.figures(accountId, name);
    const versions = deployment ? this.#deployedVersions(script, deployment) : [];
    return { deployment, versions: versions.map((one) => ({ ...one, figures: figures?.of(one.version.id) })) };
  }

  /** Deletes a script with its objects' data and its address. */
  async delete(script: Script, force: boolean): Promise<void> {
    const { accountId, name } = script;
    const { ctx, runtime } = this.#options;
    if (!force) {
      const [dependent] = [...this.#bound(accountId, name), ...this.#options.dependents(accountId, name)];
      if (dependent !== undefined) throw errors.inUse(`${dependent} uses it`);
    }
    const classes = this.store.classes(accountId, name);
    this.store.transaction(() => this.store.deleteScript(script));
    await runtime.closeDoor(accountId, name);
    runtime.changed(accountId);
    for (const { namespaceId } of classes) await runtime.removeObjects(accountId, namespaceId);
    ctx.activity.record({ type: "change", accountId, product: "workers", action: "deleted", resource: name });
  }

  /** What runs in an account: the versions of each script's current deployment. */
  definitions(accountId: string): WorkerDefinition[] {
    return this.store.scripts(accountId).flatMap((script) => {
      const deployment = this.store.currentDeployment(accountId, script.name);
      const deployed = deployment ? this.#deployedVersions(script, deployment) : [];
      return deployed.map(({ version, percentage }) => this.#definition(script, version, percentage));
    });
  }

  /** The versions of a deployment, oldest first: also those with a share of 0, which can be asked for by name. */
  #deployedVersions({ accountId, name }: Script, deployment: Deployment) {
    return deployment.versions
      .flatMap(({ version_id: id, percentage }) => {
        const version = this.store.version(accountId, name, id);
        return version ? [{ version, percentage }] : [];
      })
      .sort((left, right) => left.version.number - right.version.number);
  }

  /** An account was emptied. */
  forget(accountId: string): void {
    for (const key of this.#sites.keys()) if (key.includes(accountId)) this.#sites.delete(key);
  }

  /** What points to a script, as the beta Workers API shows it. */
  references(script: Script) {
    return {
      dispatch_namespace_outbounds: [],
      domains: this.#options.domains(script.accountId, script.name),
      durable_objects: [],
      queues: [],
      workers: this.#bound(script.accountId, script.name).map((name) => ({ name: name.replace("Worker ", "") })),
    };
  }

  /** Opens the doors of all scripts, at the ports they had. */
  async openDoors(): Promise<void> {
    for (const script of this.store.allScripts()) {
      if (script.port === null) {
        this.store.saveScript({ ...script, port: await this.#openDoor(script.accountId, script.name) });
        continue;
      }
      try {
        await this.#options.runtime.openDoor(script.accountId, script.name, script.port);
      } catch (cause) {
        throw new PortTakenError(script, { cause });
      }
    }
  }

  async #addVersion(accountId: string, name: string, request: VersionRequest): Promise<Version> {
    const { ctx, runtime } = this.#options;
    const { metadata, modules } = request.upload;
    const known = this.store.script(accountId, name);
    const latest = known && this.store.latestVersion(accountId, name);
    checkModules(metadata, modules, ctx.limits(accountId));
    const settings = this.#settings(metadata, latest);
    const assets = this.#assets(accountId, metadata, latest);
    if (!metadata.main_module && assets === null)
      throw errors.malformedUpload("the upload has neither a main_module nor assets");
    this.#checkBindings(accountId, name, settings);
    const validation = await this.#validate(accountId, name, metadata, settings, modules);
    const migrated = this.#migrate(accountId, name, metadata, validation, request.deploy);
    this.#checkClasses(accountId, name, settings, migrated);
    const script = known ?? (await this.create(accountId, name, {}));
    const now = ctx.clock.now();
    const version: Version = {
      id: ctx.ids.uuid(),
      accountId,
      script: name,
      number: (latest?.number ?? 0) + 1,
      createdOn: now,
      mainModule: metadata.main_module ?? null,
      etag: etagOf(modules),
      handlers: validation.handlers,
      namedHandlers: validation.namedHandlers,
      startupTime: validation.startupTime,
      source: request.source,
      annotations: { "workers/triggered_by": request.triggeredBy, ...metadata.annotations },
      migrationTag: migrated.tag,
      settings,
      assets,
      migrated: migrated.tag !== script.migrationTag,
    };
    this.store.transaction(() => {
      this.store.addVersion(version, modules);
      this.store.setClasses(accountId, name, migrated.classes);
      if (migrated.tag !== null) this.store.addTag(accountId, name, migrated.tag);
      this.store.saveScript({
        ...this.get(accountId, name),
        settings: mergeSettings(script.settings, metadata),
        migrationTag: migrated.tag,
        modifiedOn: now,
      });
    });
    if (request.deploy) {
      const annotations = { "workers/triggered_by": request.triggeredBy, ...metadata.annotations };
      this.deploy(script, [{ version_id: version.id, percentage: 100 }], { source: request.source, annotations });
    }
    for (const namespaceId of migrated.deleted) await runtime.removeObjects(accountId, namespaceId);
    return version;
  }

  #settings(metadata: Metadata, latest: Version | undefined): VersionSettings {
    return {
      bindings: this.bindings.merge(metadata.bindings ?? [], metadata.keep_bindings ?? [], latest),
      compatibility_date: metadata.compatibility_date ?? DEFAULT_COMPATIBILITY_DATE,
      compatibility_flags: metadata.compatibility_flags ?? [],
      usage_model: metadata.usage_model ?? "standard",
      ...(metadata.limits && { limits: metadata.limits }),
      ...(metadata.placement && { placement: metadata.placement }),
    };
  }

  #assets(accountId: string, metadata: Metadata, latest: Version | undefined): VersionAssets | null {
    const config = metadata.assets?.config ?? {};
    if (metadata.assets?.jwt) return { site: this.#options.assets.complete(accountId, metadata.assets.jwt), config };
    if (!metadata.keep_assets || !latest?.assets) return null;
    return metadata.assets?.config ? { ...latest.assets, config } : latest.assets;
  }

  /** Classes are checked later: the upload may bring them. */
  #checkBindings(accountId: string, name: string, { bindings }: VersionSettings): void {
    for (const binding of bindings)
      if (binding.type !== "durable_object_namespace") this.bindings.toRuntime(accountId, name, binding);
  }

  #checkClasses(accountId: string, name: string, { bindings }: VersionSettings, { classes }: Migrated): void {
    for (const binding of bindings)
      if (binding.type === "durable_object_namespace") this.bindings.toRuntime(accountId, name, binding, [...classes]);
  }

  async #validate(
    accountId: string,
    name: string,
    metadata: Metadata,
    settings: VersionSettings,
    modules: readonly UploadedModule[],
  ): Promise<Validation & { ok: true }> {
    if (!metadata.main_module) return { ok: true, handlers: [], namedHandlers: [], startupTime: 0 };
    const env: Record<string, unknown> = {};
    for (const binding of settings.bindings) {
      if (!["plain_text", "secret_text", "json"].includes(binding.type)) continue;
      const value = this.bindings.toRuntime(accountId, name, binding);
      if (value.type === "text" || value.type === "json") env[binding.name] = value.value;
    }
    const validation = await this.#options.validate({
      mainModule: metadata.main_module,
      modules: runtimeModules(metadata.main_module, modules),
      compatibilityDate: settings.compatibility_date,
      compatibilityFlags: settings.compatibility_flags,
      env,
    });
    if (!validation.ok) throw errors.invalidScript(validation.message);
    if (validation.handlers.length === 0 && validation.namedHandlers.length === 0) throw errors.noHandlers();
    return validation;
  }

  #migrate(
    accountId: string,
    name: string,
    metadata: Metadata,
    validation: Validation & { ok: true },
    deploy: boolean,
  ): Migrated {
    const script = this.store.script(accountId, name);
    const migrated = migrate(metadata.migrations, {
      classes: this.store.classes(accountId, name),
      tag: script?.migrationTag ?? null,
      appliedTags: this.store.appliedTags(accountId, name),
      exported: new Set(validation.namedHandlers.map((one) => one.name)),
      plan: this.#options.ctx.limits(accountId).plan,
      newNamespaceId: () => this.#options.ctx.ids.hex(),
    });
    const changes = migrated.tag !== (script?.migrationTag ?? null);
    if (changes && !deploy && script?.deployedOn)
      throw notEmulated("a version with a Durable Object migration that is not deployed at once");
    return migrated;
  }

  #definition(script: Script, version: Version, percentage: number): WorkerDefinition {
    const { accountId, name } = script;
    const bindings: Record<string, WorkerDefinition["bindings"][string]> = {};
    for (const binding of version.settings.bindings) {
      try {
        bindings[binding.name] = this.bindings.toRuntime(accountId, name, binding);
      } catch (error) {
        const message = `binding ${binding.name} is left out: ${(error as Error).message}`;
        this.#options.ctx.activity.record({ type: "log", accountId, script: name, level: "error", message });
      }
    }
    const { mainModule } = version;
    const classes = this.store.classes(accountId, name);
    const exported = version.handlers.length === 0 ? [] : version.namedHandlers;
    const exportedClasses = new Set(
      exported.filter(({ handlers }) => handlers.includes("class")).map((each) => each.name),
    );
    return {
      script: name,
      versionId: version.id,
      versionTag: version.annotations["workers/tag"] ?? "",
      versionCreated: new Date(version.createdOn).toISOString(),
      percentage,
      mainModule: mainModule ?? undefined,
      compatibilityDate: version.settings.compatibility_date,
      compatibilityFlags: version.settings.compatibility_flags,
      bindings,
      durableObjects: classes,
      countedClasses: classes
        .filter(({ sqlite, className }) => sqlite && exportedClasses.has(className))
        .map(({ className }) => className),
      ...(version.assets && { assets: this.#site(accountId, version.assets) }),
      modules: () => (mainModule === null ? [] : runtimeModules(mainModule, this.store.modules(version.id))),
    };
  }

  #site(accountId: string, { site, config }: VersionAssets): NonNullable<WorkerDefinition["assets"]> {
    const key = JSON.stringify([accountId, site, config._headers, config._redirects]);
    const rules = { headers: config._headers ?? null, redirects: config._redirects ?? null };
    const laidOut = this.#sites.get(key) ?? this.#options.assets.site(accountId, site, rules);
    this.#sites.set(key, laidOut);
    const runWorkerFirst = config.run_worker_first ?? (config.serve_directly === false ? true : undefined);
    return {
      ...laidOut,
      ...(config.html_handling && { htmlHandling: config.html_handling }),
      ...(config.not_found_handling && { notFoundHandling: config.not_found_handling }),
      ...(runWorkerFirst !== undefined && { runWorkerFirst }),
    };
  }

  /** Workers that are bound to a script. */
  #bound(accountId: string, target: string): string[] {
    return this.definitions(accountId)
      .filter(({ script, bindings }) => {
        if (script === target) return false;
        return Object.values(bindings).some(
          (binding) => (binding.type === "service" || binding.type === "durable_object") && binding.script === target,
        );
      })
      .map(({ script }) => `Worker ${script}`);
  }

  /**
   * Opens a door at a port that depends on the cloud's folder and the script's name only: a new cloud in the folder has
   * the same addresses, and clouds of two checkouts are not in each other's way. The next free one when it is taken.
   */
  async #openDoor(accountId: string, name: string): Promise<number> {
    const promised = new Set(this.store.allScripts().map(({ port }) => port));
    const hash = createHash("sha256")
      .update(`${this.#options.ctx.directory}/${accountId}/${name}`)
      .digest()
      .readUInt32BE();
    for (let attempt = 0; attempt < PORTS; attempt += 1) {
      const port = FIRST_PORT + ((hash + attempt) % PORTS);
      if (promised.has(port)) continue;
      try {
        await this.#options.runtime.openDoor(accountId, name, port);
        return port;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      }
    }
    throw new Error(`no free port for Worker ${name} between ${FIRST_PORT} and ${FIRST_PORT + PORTS - 1}`);
  }
}

/** Doors are below the range from which systems take ports for outgoing connections. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
/** What a script runs with whose upload names no date. */
const DEFAULT_COMPATIBILITY_DATE = "2021-11-02";

/** The port that a Worker had was given to another program meanwhile. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";

  constructor({ name, accountId, port }: Script, options?: ErrorOptions) {
    super(
      `port ${port} is the address of Worker ${name} (account ${accountId}), but another program uses it. End that program and start again.`,
      options,
    );
  }
}

function mergeSettings(before: ScriptSettings, metadata: ScriptSettings): ScriptSettings {
  const { logpush, tags, tail_consumers, observability } = metadata;
  return {
    ...before,
    ...(logpush !== undefined && { logpush }),
    ...(tags !== undefined && { tags }),
    ...(tail_consumers !== undefined && { tail_consumers }),
    ...(observability !== undefined && { observability }),
  };
}

function etagOf(modules: readonly UploadedModule[]): string {
  const hash = createHash("sha256");
  for (const { name, contents } of modules) hash.update(name).update(contents);
  return hash.digest("hex");
}
