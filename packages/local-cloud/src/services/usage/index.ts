import type { Service } from "../../core/service.ts";
import type { UsageCounts } from "./counts.ts";
import { type LocalRoutesOptions, localRoutes } from "./local-routes.ts";

export { UsageCounts } from "./counts.ts";
export { notCounted } from "./not-counted.ts";
export { storedGigabytes } from "./stored-gigabytes.ts";

/** What Workers use, as Cloudflare bills it. Nothing of Cloudflare's API: people ask for it below `/_local/usage`. */
export function usage(counts: UsageCounts, options: Omit<LocalRoutesOptions, "counts">): Service {
  return {
    name: "usage",
    localRoutes: localRoutes({ ...options, counts }),
    forget: (accountId) => counts.forget(accountId),
  };
}
