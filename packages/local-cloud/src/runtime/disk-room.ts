import { statfsSync } from "node:fs";
import { diskFull } from "../core/api-error.ts";

/** What databases and files need beside the data itself, in bytes. */
const MARGIN = 1024 * 1024;

/**
 * Refuses a write that the disk has no room for: workerd's simulators fail on a full disk without a reason, or hang.
 *
 * @throws {ApiError} 507
 */
export function checkRoom(directory: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < bytes + MARGIN) throw diskFull();
}
