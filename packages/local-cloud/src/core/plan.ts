/** What an account may have at once. @see https://developers.cloudflare.com/workers/platform/limits/ */
export interface PlanLimits {
  readonly plan: "free" | "paid";
  /** Worker scripts. */
  readonly scripts: number;
  /** Bytes of a script after gzip. */
  readonly scriptGzipBytes: number;
  /** Cron triggers in the whole account. */
  readonly cronTriggers: number;
  readonly d1Databases: number;
  readonly kvNamespaces: number;
  readonly r2Buckets: number;
  readonly queues: number;
  readonly aiGateways: number;
  readonly vectorizeIndexes: number;
  /** Static asset files of one version. */
  readonly assetFiles: number;
}

/** The limits by plan, November 2026. */
export const PLANS: Readonly<Record<PlanLimits["plan"], PlanLimits>> = {
  free: {
    plan: "free",
    scripts: 100,
    scriptGzipBytes: 3_000_000,
    cronTriggers: 5,
    d1Databases: 10,
    kvNamespaces: 1000,
    r2Buckets: 1_000_000,
    queues: 10_000,
    aiGateways: 10,
    vectorizeIndexes: 100,
    assetFiles: 20_000,
  },
  paid: {
    plan: "paid",
    scripts: 500,
    scriptGzipBytes: 10_000_000,
    cronTriggers: 250,
    d1Databases: 50_000,
    kvNamespaces: 1000,
    r2Buckets: 1_000_000,
    queues: 10_000,
    aiGateways: 20,
    vectorizeIndexes: 50_000,
    assetFiles: 100_000,
  },
};
