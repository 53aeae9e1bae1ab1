/** What an operation as a whole does. */
export type OperationName = "up" | "preview" | "refresh" | "destroy" | "import" | "update-resource";

/** What happens to one resource. */
export type StepName = "create" | "update" | "replace" | "delete" | "same" | "import" | "read" | "refresh";

export type Severity = "debug" | "info" | "warning" | "error";

/** How many resources each step was done to. */
export type ChangeCounts = Record<StepName, number>;

/** Something to tell the user, with the secrets taken out. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly message: string;
  readonly urn?: string;
}

/** How an operation ended. */
export interface UpdateResult {
  readonly outcome: "succeeded" | "failed" | "cancelled";
  readonly changes: ChangeCounts;
  /** Secret ones are `[secret]`, for a result is there to be printed: their values are had from `outputs()`. */
  readonly outputs: Record<string, { value: unknown; secret: boolean }>;
  readonly durationMs: number;
  readonly diagnostics: Diagnostic[];
}

/** Which resource an event is about. */
export interface ResourceReference {
  readonly urn: string;
  /** A token, e.g. `cloudflare:index/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  readonly id?: string;
}

/** A property that differs, ready to be shown: secrets are `[secret]`, what is not known yet `[unknown]`. */
export interface ShownChange {
  /** `settings.batchSize` */
  readonly path: string;
  readonly kind: "add" | "change" | "remove";
  readonly old?: string;
  readonly new?: string;
  readonly replaces: boolean;
}

/** Everything an operation tells while it runs. */
export type EngineEvent =
  | {
      readonly type: "operation-started";
      readonly operation: OperationName;
      readonly project: string;
      readonly stack: string;
      readonly preview: boolean;
    }
  | { readonly type: "resource-started"; readonly resource: ResourceReference; readonly step: StepName }
  | {
      readonly type: "resource-finished";
      readonly resource: ResourceReference;
      readonly step: StepName;
      readonly durationMs: number;
      readonly changes: readonly ShownChange[];
      /** Whether it was only planned. */
      readonly preview: boolean;
      /** The old half of a replacement. */
      readonly replaced?: boolean;
      /** It is out of the state and still exists, as retainOnDelete asks. */
      readonly retained?: boolean;
    }
  | {
      readonly type: "resource-failed";
      readonly resource: ResourceReference;
      readonly step: StepName;
      readonly durationMs: number;
      readonly message: string;
    }
  | { readonly type: "resource-skipped"; readonly resource: ResourceReference; readonly reason: string }
  | ({ readonly type: "diagnostic" } & Diagnostic)
  /** A line the program printed. */
  | { readonly type: "program-output"; readonly stream: "stdout" | "stderr"; readonly text: string }
  /** What a person should know and a machine need not: a lock that is waited for, a crash that was recovered from. */
  | { readonly type: "notice"; readonly message: string }
  | {
      readonly type: "operation-finished";
      readonly operation: OperationName;
      readonly preview: boolean;
      readonly result: UpdateResult;
    };

export function noChanges(): ChangeCounts {
  return { create: 0, update: 0, replace: 0, delete: 0, same: 0, import: 0, read: 0, refresh: 0 };
}
