import * as z from "zod";

/** A binding of an upload: Cloudflare's wire names. What each type wants is checked when it is resolved. */
export const Binding = z.looseObject({ type: z.string(), name: z.string().min(1) });
export type Binding = z.infer<typeof Binding>;

const Migration = z.object({
  new_classes: z.array(z.string()).nullish(),
  new_sqlite_classes: z.array(z.string()).nullish(),
  deleted_classes: z.array(z.string()).nullish(),
  renamed_classes: z.array(z.object({ from: z.string(), to: z.string() })).nullish(),
  transferred_classes: z.array(z.unknown()).nullish(),
});
/** One step of a script's Durable Object classes. */
export type Migration = z.infer<typeof Migration>;

/** Steps with tags, either one (flat) or several. */
export const Migrations = Migration.extend({
  old_tag: z.string().nullish(),
  new_tag: z.string().nullish(),
  steps: z.array(Migration).nullish(),
});
export type Migrations = z.infer<typeof Migrations>;

/** How assets are served. */
export const AssetsConfig = z.object({
  html_handling: z.enum(["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"]).nullish(),
  not_found_handling: z.enum(["none", "404-page", "single-page-application"]).nullish(),
  run_worker_first: z.union([z.boolean(), z.array(z.string())]).nullish(),
  serve_directly: z.boolean().nullish(),
  _headers: z.string().nullish(),
  _redirects: z.string().nullish(),
});
export type AssetsConfig = z.infer<typeof AssetsConfig>;

/** Settings that belong to the script and not to a version. */
export const ScriptSettings = z.object({
  logpush: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  tail_consumers: z.array(z.looseObject({ service: z.string() })).nullish(),
  observability: z.looseObject({}).nullish(),
});
export type ScriptSettings = z.infer<typeof ScriptSettings>;

const CompatibilityDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "must be a date like 2026-11-17");

/** The part `metadata` of an upload. Fields that are not read are left alone. */
export const Metadata = ScriptSettings.extend({
  main_module: z.string().nullish(),
  body_part: z.string().nullish(),
  bindings: z.array(Binding).nullish(),
  keep_bindings: z.array(z.string()).nullish(),
  compatibility_date: CompatibilityDate.nullish(),
  compatibility_flags: z.array(z.string()).nullish(),
  assets: z.object({ jwt: z.string().nullish(), config: AssetsConfig.nullish() }).nullish(),
  keep_assets: z.boolean().nullish(),
  migrations: Migrations.nullish(),
  limits: z.looseObject({ cpu_ms: z.int().min(1).nullish(), subrequests: z.int().min(1).nullish() }).nullish(),
  placement: z.looseObject({}).nullish(),
  usage_model: z.string().nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
export type Metadata = z.infer<typeof Metadata>;
