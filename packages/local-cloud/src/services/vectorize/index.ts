import type { Faults } from "../../core/faults.ts";
import type { Service, ServiceContext } from "../../core/service.ts";

export interface VectorizeOptions {
  readonly faults: Faults;
}

/** Vectorize: indexes, their vectors on disk, exact search off the main thread. */
export function vectorize(_ctx: ServiceContext, _options: VectorizeOptions): Service {
  return { name: "vectorize" };
}
