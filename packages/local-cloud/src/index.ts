export { type Cloud, type CloudOptions, createCloud, hasCloud, PortInUseError } from "./cloud.ts";
export type { Activity, ActivityLog, RecordedActivity } from "./core/activity.ts";
export { type Clock, createClock } from "./core/clock.ts";
export { createIds, type Ids } from "./core/ids.ts";
export { StoreError } from "./core/store.ts";
export { FolderInUseError } from "./runtime/folder-lock.ts";
export { PortTakenError } from "./services/workers/index.ts";
