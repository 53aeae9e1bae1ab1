export { RolloutActiveError } from "./active-rollouts.ts";
export { BucketError } from "./bucket/bucket-error.ts";
export { CloudflareApiError, CloudflareConnectionError } from "./cloudflare-client.ts";
export { config } from "./config.ts";
export { destroy } from "./destroy.ts";
export { createDisplay, type DisplayOptions } from "./display.ts";
export { removeDurable, WriteError } from "./durable-file.ts";
export type {
  ChangeCounts,
  Diagnostic,
  EngineEvent,
  OperationName,
  ResourceReference,
  Severity,
  ShownChange,
  StepName,
  UpdateResult,
} from "./events.ts";
export { type ImportOptions, importResource } from "./import-resource.ts";
export { type LockHolder, lockStack, StackLockedError } from "./lock.ts";
export { isBucket, openStore, type StatePlace } from "./open-store.ts";
export { WrongPassphraseError } from "./passphrase.ts";
export { refresh } from "./refresh.ts";
export { removeStack } from "./remove-stack.ts";
export { keepScript, planScript, promoteScript, type ScriptPlan } from "./script-rollout.ts";
export type { StackOptions } from "./session.ts";
export type { ConfigValue } from "./stack-config.ts";
export {
  cancel,
  exportState,
  importState,
  listResources,
  lockedStack,
  outputs,
  repairState,
  restoreBackup,
  StateError,
  type StateRepair,
  type StateResource,
} from "./stack-state.ts";
export { CorruptStateError } from "./state-files.ts";
export type { StateStore } from "./state-store.ts";
export { UnsavedStateError } from "./unsaved-state.ts";
export { preview, type UpOptions, up } from "./up.ts";
export { type UpdateResourceOptions, updateResource } from "./update-resource.ts";
