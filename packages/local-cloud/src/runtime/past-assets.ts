import type { WorkerAssets } from "../core/worker-definition.ts";

/**
 * Which requests never concern a Worker's assets, by its `run_worker_first`, so that they need not go through the two
 * Workers that decide that. Whatever is not plain goes through them: who decides in doubt is the real router.
 *
 * @see https://developers.cloudflare.com/workers/static-assets/binding/#run_worker_first
 */
export function goesPastAssets(assets: WorkerAssets | undefined): (url: string) => boolean {
  const first = assets?.runWorkerFirst;
  if (!Array.isArray(first)) return () => false;
  const rules = first as readonly string[];
  if (!rules.every((rule) => PLAIN_RULE.test(rule))) return () => false;
  const exact = new Set(rules.filter((rule) => !rule.endsWith("*")));
  const starts = rules.filter((rule) => rule.endsWith("*")).map((rule) => rule.slice(0, -1));
  return (url) => {
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    return PLAIN_PATH.test(path) && (exact.has(path) || starts.some((start) => path.startsWith(start)));
  };
}

/** A path, or all below one. A rule with `!` is for assets. */
const PLAIN_RULE = /^\/[\w./-]*\*?$/;
/** Nothing that a URL parser would read otherwise than it is written. */
const PLAIN_PATH = /^(\/[\w-]+(\.[\w-]+)*)+$/;
