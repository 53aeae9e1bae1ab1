import { createRequire } from "node:module";
import { join } from "node:path";
import type { Cloud } from "./cloud.ts";

/** wrangler's entry, to be run by this Node. */
export const WRANGLER = createRequire(import.meta.url)
  .resolve("wrangler/package.json")
  .replace("package.json", "bin/wrangler.js");

/** An environment in which wrangler speaks to a cloud, and to nobody else. */
export function wranglerEnvironment(
  { cloud, accountId }: { readonly cloud: Pick<Cloud, "apiUrl" | "token">; readonly accountId: string },
  directory: string,
) {
  return {
    ...process.env,
    CLOUDFLARE_API_BASE_URL: cloud.apiUrl,
    CLOUDFLARE_API_TOKEN: cloud.token,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_LOG_PATH: join(directory, "wrangler-logs"),
    CI: "1",
    NO_COLOR: "1",
    // Compiled once, wrangler starts in half the time.
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../node_modules/.cache/wrangler"),
  };
}
