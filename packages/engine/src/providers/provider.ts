import type { CheckFailure } from "../adapter.ts";
import type { Values } from "../values.ts";

/** What is known of a resource that exists. */
export interface ExistingResource {
  readonly id: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** Whether new inputs ask for an update or for a replacement. */
interface ProviderDiff {
  readonly changed: boolean;
  /** The properties that force a replacement. */
  readonly replace: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/**
 * One resource type of one provider. Values go in and come out revealed; inputs may hold unknowns in `check`, `diff` and
 * the previews, never in what changes something.
 */
export interface ResourceProvider {
  /** Inputs that are secret even when the program does not say so, by path. */
  readonly secretInputs: readonly string[];
  /** Whether outputs are the answer with the inputs laid over it, as the Cloudflare provider keeps them. */
  readonly mergesInputs: boolean;
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: readonly CheckFailure[] }>;
  diff(old: ExistingResource, news: Values): Promise<ProviderDiff>;
  /** The outputs a create would have, as far as they are known. */
  previewCreate(inputs: Values): Values;
  /** The outputs an update would have, as far as they are known. */
  previewUpdate(old: ExistingResource, inputs: Values): Values;
  create(inputs: Values, signal: AbortSignal): Promise<{ id: string; outputs: Values }>;
  update(old: ExistingResource, inputs: Values, signal: AbortSignal): Promise<{ outputs: Values }>;
  read(
    id: string,
    olds: { inputs: Values; outputs: Values },
    signal: AbortSignal,
  ): Promise<ExistingResource | undefined>;
  delete(id: string, outputs: Values, signal: AbortSignal): Promise<void>;
  /** What a deletion would destroy that nothing else has, in words. */
  lostWith?(id: string, outputs: Values, signal: AbortSignal): Promise<string | undefined>;
  /** What an interrupted create made. */
  find?(inputs: Values, signal: AbortSignal): Promise<{ id: string; outputs: Values } | undefined>;
  importInputs?(id: string): Values;
}

/** A resource was made but is not as it should be: it is kept, and the next update tries to mend it. */
export class ResourceInitError extends Error {
  override readonly name = "ResourceInitError";
  readonly id: string;
  readonly outputs: Values;
  readonly reasons: readonly string[];

  constructor(message: string, id: string, outputs: Values, reasons: readonly string[]) {
    super(message);
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}
