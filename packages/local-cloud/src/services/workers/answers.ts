import { timestamp } from "../../core/clock.ts";
import type { Scripts } from "./scripts.ts";
import type { Deployment, Script, Version } from "./store.ts";

/** A script as the API shows it. */
export function scriptAnswer(script: Script, version: Version | undefined) {
  const { settings } = script;
  return {
    id: script.name,
    tag: script.tag,
    created_on: timestamp(script.createdOn),
    modified_on: timestamp(script.modifiedOn),
    etag: version?.etag ?? null,
    handlers: version?.handlers ?? [],
    named_handlers: version?.namedHandlers ?? [],
    has_assets: Boolean(version?.assets),
    has_modules: Boolean(version?.mainModule),
    startup_time_ms: version?.startupTime ?? 0,
    migration_tag: script.migrationTag,
    placement_mode: version?.settings.placement?.["mode"] ?? null,
    placement_status: null,
    last_deployed_from: version?.source ?? null,
    logpush: settings.logpush ?? false,
    usage_model: version?.settings.usage_model ?? "standard",
    compatibility_date: version?.settings.compatibility_date ?? null,
    compatibility_flags: version?.settings.compatibility_flags ?? [],
    tags: settings.tags ?? [],
    tail_consumers: settings.tail_consumers ?? null,
    // What was never set is left out: a client that did not set it would see a change.
    ...(settings.observability && { observability: settings.observability }),
    placement: version?.settings.placement ?? {},
    annotations: version?.annotations ?? {},
  };
}

/** `GET /workers/services/{s}`. */
export function serviceAnswer(script: Script, version: Version | undefined) {
  const times = { created_on: timestamp(script.createdOn), modified_on: timestamp(script.modifiedOn) };
  return {
    id: script.name,
    ...times,
    default_environment: {
      environment: "production",
      ...times,
      script_tag: script.tag,
      script: scriptAnswer(script, version),
    },
    environments: [{ environment: "production", ...times }],
  };
}

/** `GET /workers/scripts/{s}/settings`. */
export function settingsAnswer(scripts: Scripts, script: Script, version: Version | undefined) {
  const { settings } = script;
  return {
    bindings: shownBindings(scripts, script, version),
    compatibility_date: version?.settings.compatibility_date ?? null,
    compatibility_flags: version?.settings.compatibility_flags ?? [],
    usage_model: version?.settings.usage_model ?? "standard",
    tags: settings.tags ?? [],
    tail_consumers: settings.tail_consumers ?? null,
    logpush: settings.logpush ?? false,
    ...(settings.observability && { observability: settings.observability }),
    placement: version?.settings.placement ?? {},
    annotations: version?.annotations ?? {},
    migration_tag: script.migrationTag,
    main_module: version?.mainModule ?? null,
    ...(version?.settings.limits && { limits: version.settings.limits }),
  };
}

/** `GET /workers/scripts/{s}/script-settings`. */
export function scriptSettingsAnswer({ settings }: Script) {
  return {
    logpush: settings.logpush ?? false,
    tags: settings.tags ?? [],
    tail_consumers: settings.tail_consumers ?? null,
    observability: settings.observability ?? null,
  };
}

/** A version as wrangler's and the SDK's `scripts/{s}/versions` show it. */
export function versionAnswer(scripts: Scripts, script: Script, version: Version) {
  return {
    ...versionItem(version),
    startup_time_ms: version.startupTime,
    resources: {
      bindings: shownBindings(scripts, script, version),
      script: {
        etag: version.etag,
        handlers: version.handlers,
        named_handlers: version.namedHandlers,
        last_deployed_from: version.source,
        placement_mode: version.settings.placement?.["mode"] ?? null,
      },
      script_runtime: {
        compatibility_date: version.settings.compatibility_date,
        compatibility_flags: version.settings.compatibility_flags,
        usage_model: version.settings.usage_model,
        migration_tag: version.migrationTag,
        ...(version.settings.limits && { limits: version.settings.limits }),
      },
    },
  };
}

/** A version in a list. */
export function versionItem(version: Version) {
  const created = timestamp(version.createdOn);
  return {
    id: version.id,
    number: version.number,
    metadata: {
      author_email: AUTHOR,
      author_id: "",
      created_on: created,
      modified_on: created,
      source: version.source,
      has_preview: false,
    },
    annotations: version.annotations,
  };
}

/** A deployment. */
export function deploymentAnswer(deployment: Deployment) {
  return {
    id: deployment.id,
    strategy: "percentage",
    versions: deployment.versions,
    source: deployment.source,
    author_email: AUTHOR,
    created_on: timestamp(deployment.createdOn),
    annotations: deployment.annotations,
  };
}

export function shownBindings(scripts: Scripts, script: Script, version: Version | undefined) {
  return (version?.settings.bindings ?? [])
    .map((binding) => scripts.bindings.show(script.accountId, script.name, binding))
    .sort((left, right) => String(left["name"]).localeCompare(String(right["name"])));
}

const AUTHOR = "you@localhost";
