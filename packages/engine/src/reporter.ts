import {
  type Diagnostic,
  type EngineEvent,
  noChanges,
  type ResourceReference,
  type Severity,
  type ShownChange,
  type StepName,
} from "./events.ts";
import type { Redactor } from "./redactor.ts";

/** What is reported of a resource. */
export interface ReportedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id?: string | undefined;
}

/** Turns what happens into events, counts it, and keeps secrets out of all of it. */
export class Reporter {
  readonly changes = noChanges();
  readonly diagnostics: Diagnostic[] = [];
  readonly redactor: Redactor;
  readonly #emit: (event: EngineEvent) => void;
  readonly #preview: boolean;
  /** What was begun with a resource, so that a failure is told as that of the same step. */
  readonly #begun = new Map<string, StepName>();
  #failed = false;

  constructor(redactor: Redactor, emit: ((event: EngineEvent) => void) | undefined, preview: boolean) {
    this.redactor = redactor;
    this.#emit = emit ?? (() => {});
    this.#preview = preview;
  }

  /** Whether any error was reported. */
  get failed(): boolean {
    return this.#failed;
  }

  emit(event: EngineEvent): void {
    this.#emit(event);
  }

  started(resource: ReportedResource, step: StepName): void {
    this.#begun.set(resource.urn, step);
    this.#emit({ type: "resource-started", resource: reference(resource), step });
  }

  finished(
    resource: ReportedResource,
    step: StepName,
    facts: { since?: number; changes?: readonly ShownChange[]; replaced?: boolean; retained?: boolean } = {},
  ): void {
    if (!facts.replaced) this.changes[step]++;
    this.#emit({
      type: "resource-finished",
      resource: reference(resource),
      step,
      durationMs: facts.since === undefined ? 0 : performance.now() - facts.since,
      changes: (facts.changes ?? []).map((change) => this.#masked(change)),
      preview: this.#preview,
      ...(facts.replaced && { replaced: true }),
      ...(facts.retained && { retained: true }),
    });
  }

  /** @param step where none was begun */
  failedResource(resource: ReportedResource, step: StepName, error: unknown, since: number): void {
    const message = this.redactor.mask(messageOf(error));
    this.#emit({
      type: "resource-failed",
      resource: reference(resource),
      step: this.#begun.get(resource.urn) ?? step,
      durationMs: performance.now() - since,
      message,
    });
    this.diagnostic("error", message, resource.urn);
  }

  skipped(resource: ReportedResource, reason: string): void {
    this.#emit({ type: "resource-skipped", resource: reference(resource), reason: this.redactor.mask(reason) });
  }

  diagnostic(severity: Severity, message: string, urn?: string): void {
    const diagnostic = { severity, message: this.redactor.mask(message), ...(urn && { urn }) };
    if (severity === "error") this.#failed = true;
    if (severity !== "debug") this.diagnostics.push(diagnostic);
    this.#emit({ type: "diagnostic", ...diagnostic });
  }

  notice(message: string): void {
    this.#emit({ type: "notice", message: this.redactor.mask(message) });
  }

  output(stream: "stdout" | "stderr", text: string): void {
    this.#emit({ type: "program-output", stream, text: this.redactor.mask(text) });
  }

  #masked(change: ShownChange): ShownChange {
    return {
      ...change,
      ...(change.old !== undefined && { old: this.redactor.mask(change.old) }),
      ...(change.new !== undefined && { new: this.redactor.mask(change.new) }),
    };
  }
}

/** An error's message, or the value itself where something else was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reference({ urn, type, name, id }: ReportedResource): ResourceReference {
  return { urn, type, name, ...(id && { id }) };
}
