import { ApiError } from "../../core/api-error.ts";

/** Cloudflare's codes of the Workers API, as wrangler and the API show them. */
export const errors = {
  scriptNotFound: () => new ApiError(404, 10007, "This Worker does not exist on your account."),
  serviceNotFound: () => new ApiError(404, 10090, "This Worker does not exist on your account."),
  versionNotFound: (id: string) => new ApiError(404, 10092, `Version ${id} does not exist for this Worker.`),
  deploymentNotFound: (id: string) => new ApiError(404, 10092, `Deployment ${id} does not exist for this Worker.`),
  /** Code that does not start. */
  invalidScript: (message: string) => new ApiError(400, 10021, message),
  malformedUpload: (message: string, cause?: unknown) => new ApiError(400, 10022, message, { cause }),
  invalidName: (name: string) =>
    new ApiError(400, 10016, `Invalid Worker name "${name}": only lowercase letters, digits, - and _, at most 63.`),
  tooLarge: (bytes: number, limit: number) =>
    new ApiError(
      413,
      10027,
      `Your Worker exceeded the size limit of ${limit} bytes after gzip (it has ${bytes}). Make it smaller or raise the plan.`,
    ),
  tooManyScripts: (limit: number) =>
    new ApiError(400, 10037, `You have exceeded the limit of ${limit} Workers on your account.`),
  inheritedMissing: (name: string) =>
    new ApiError(400, 10057, `binding ${name}: there is no earlier binding of this name to inherit`),
  invalidBinding: (name: string, reason: string) => new ApiError(400, 10021, `binding ${name}: ${reason}`),
  noHandlers: () => new ApiError(400, 10068, "The uploaded script has no registered event handlers."),
  duplicateBinding: (name: string) => new ApiError(400, 10021, `binding ${name}: two bindings have this name`),
  serviceTargetMissing: (name: string, script: string) =>
    new ApiError(400, 10143, `Could not resolve service binding '${name}'. Target script '${script}' not found.`),
  entrypointMissing: (name: string, script: string, entrypoint: string) =>
    new ApiError(
      400,
      10144,
      `Could not resolve service binding '${name}'. Entrypoint '${entrypoint}' not found in target script '${script}'.`,
    ),
  classNotConfigured: (className: string) =>
    new ApiError(
      400,
      10061,
      `Cannot create binding for class '${className}' because it is not currently configured to implement durable objects. Did you forget to apply a --new-class migration?`,
    ),
  classNotExported: (className: string) =>
    new ApiError(
      400,
      10070,
      `Cannot apply --new-class migration to class '${className}' that is not exported by script`,
    ),
  classStillUsed: (className: string) =>
    new ApiError(
      400,
      10064,
      `New version of script does not export class '${className}' which is depended on by existing Durable Objects. If you want to delete it, use a --delete-class migration.`,
    ),
  classExists: (className: string) =>
    new ApiError(
      400,
      10074,
      `Cannot apply new-class migration to class '${className}' that is already depended on by existing Durable Objects`,
    ),
  classUnknown: (kind: string, className: string) =>
    new ApiError(
      400,
      10071,
      `Cannot apply ${kind} migration to class '${className}' without an existing Durable Object`,
    ),
  freeNeedsSqlite: () =>
    new ApiError(
      400,
      10097,
      "In order to use Durable Objects with a free plan, you must create a namespace using a `new_sqlite_classes` migration.",
    ),
  tagPrecondition: (given: string, current: string | null) =>
    new ApiError(
      400,
      10079,
      `Migration tag precondition failed; when uploading script, expected tag is '${given}' but current tag is '${current ?? ""}'`,
    ),
  inUse: (what: string) =>
    new ApiError(400, 10064, `Cannot delete this Worker: ${what}. Delete that first, or use force=true.`),
  invalidCron: (cron: string, reason: string) => new ApiError(400, 10100, `invalid cron string "${cron}": ${reason}`),
  tooManyCrons: (limit: number) =>
    new ApiError(400, 10072, `You have exceeded the limit of ${limit} cron triggers on your account.`),
  invalidDeployment: (message: string) => new ApiError(400, 10093, message),
  latestNotDeployed: () =>
    new ApiError(
      400,
      10215,
      "Edit failed. You attempted to modify a deployment of this Worker, but its latest version is not the one that is deployed. Deploy it first, or upload a new version.",
    ),
  secretNotFound: (name: string) => new ApiError(404, 10056, `Binding '${name}' not found: there is no such secret.`),
} as const;
