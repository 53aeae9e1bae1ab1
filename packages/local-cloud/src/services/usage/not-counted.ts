import { TELLS_PROCESSOR_TIME } from "../../core/usage.ts";
import type { WorkerDefinition } from "../../core/worker-definition.ts";

/** What is billed and was not counted. */
export interface NotCounted {
  readonly product: string;
  readonly why: string;
}

/** What is billed of Workers and not counted here, by name. */
export function notCounted(
  workers: readonly Pick<WorkerDefinition, "script" | "durableObjects" | "countedClasses">[],
): NotCounted[] {
  const objects = workers.flatMap(({ script, durableObjects, countedClasses }) =>
    durableObjects
      .filter(({ className }) => !countedClasses.includes(className))
      .map(({ className }) => ({
        product: `rows of the Durable Objects ${className} of ${script}`,
        why: "counted where a Worker exports the class, made for SQLite, beside a default export with a handler",
      })),
  );
  const processor = { product: "Workers CPU ms", why: "this system does not tell what a process computes" };
  return TELLS_PROCESSOR_TIME ? objects : [processor, ...objects];
}
