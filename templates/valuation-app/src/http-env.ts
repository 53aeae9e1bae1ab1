import type { HttpApiEnv } from "@tenner/worker-kit/http-api";

/** What handlers find in Hono's context. */
export type HttpEnv = HttpApiEnv<Env>;
