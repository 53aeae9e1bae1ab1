import { notEmulated } from "../../core/api-error.ts";
import type { DurableObjectClass } from "../../core/worker-definition.ts";
import { errors } from "./errors.ts";
import type { Migration, Migrations } from "./metadata.ts";

/** A script's classes after its migrations. */
export interface Migrated {
  readonly classes: readonly DurableObjectClass[];
  /** Namespaces whose data goes. */
  readonly deleted: readonly string[];
  readonly tag: string | null;
}

/** What a migration depends on. */
export interface MigrationContext {
  readonly classes: readonly DurableObjectClass[];
  readonly tag: string | null;
  /** All tags the script has been through. */
  readonly appliedTags: ReadonlySet<string>;
  /** Names of the classes that the new code exports. */
  readonly exported: ReadonlySet<string>;
  readonly plan: "free" | "paid";
  newNamespaceId(): string;
}

/**
 * Applies the migrations of an upload. A tag that was applied before is done, and no error: clients send the same
 * migrations with every upload.
 *
 * @throws {ApiError} with Cloudflare's codes when a step does not fit the classes or the code.
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
export function migrate(migrations: Migrations | null | undefined, context: MigrationContext): Migrated {
  const unchanged = { classes: context.classes, deleted: [], tag: context.tag };
  const after = isNew(migrations, context) ? applySteps(migrations, context) : unchanged;
  for (const { className } of after.classes)
    if (!context.exported.has(className)) throw errors.classStillUsed(className);
  return after;
}

function isNew(migrations: Migrations | null | undefined, context: MigrationContext): migrations is Migrations {
  if (!migrations) return false;
  const { new_tag: newTag, old_tag: oldTag } = migrations;
  if (newTag && context.appliedTags.has(newTag)) return false;
  if (oldTag && oldTag !== context.tag) throw errors.tagPrecondition(oldTag, context.tag);
  return true;
}

function applySteps(migrations: Migrations, context: MigrationContext): Migrated {
  const steps = migrations.steps ?? [migrations];
  const classes = new Map(context.classes.map((known) => [known.className, known]));
  const deleted: string[] = [];
  for (const step of steps) applyStep(step, classes, deleted, context);
  for (const { className } of classes.values())
    if (!context.exported.has(className) && !context.classes.some((known) => known.className === className))
      throw errors.classNotExported(className);
  return { classes: [...classes.values()], deleted, tag: migrations.new_tag ?? context.tag };
}

function applyStep(
  step: Migration,
  classes: Map<string, DurableObjectClass>,
  deleted: string[],
  context: MigrationContext,
): void {
  if (step.transferred_classes?.length) throw notEmulated("the migration transferred_classes");
  if (step.new_classes?.length && context.plan === "free") throw errors.freeNeedsSqlite();
  const create = (className: string, sqlite: boolean) => {
    if (classes.has(className)) throw errors.classExists(className);
    classes.set(className, { className, namespaceId: context.newNamespaceId(), sqlite });
  };
  for (const className of step.new_classes ?? []) create(className, false);
  for (const className of step.new_sqlite_classes ?? []) create(className, true);
  for (const { from, to } of step.renamed_classes ?? []) {
    const known = classes.get(from);
    if (known === undefined) throw errors.classUnknown("--renamed-class", from);
    if (classes.has(to)) throw errors.classExists(to);
    classes.delete(from);
    classes.set(to, { ...known, className: to });
  }
  for (const className of step.deleted_classes ?? []) {
    const known = classes.get(className);
    if (known === undefined) throw errors.classUnknown("--delete-class", className);
    classes.delete(className);
    deleted.push(known.namespaceId);
  }
}
