import type { Caller } from "@tenner/worker-kit/api-keys";
import type { RequestVariables } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";

/** What handlers find in Hono's context. */
export interface HttpEnv {
  Bindings: Env;
  Variables: RequestVariables & {
    settings: Settings;
    /** Set by the guards. */
    caller: Caller;
  };
}
