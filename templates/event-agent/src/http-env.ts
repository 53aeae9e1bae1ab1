import type { RequestVariables } from "@tenner/worker-kit/problem";
import type { Settings } from "@tenner/worker-kit/settings";
import type { Caller } from "./domain/api-key.ts";

/** What handlers find in Hono's context. */
export interface HttpEnv {
  Bindings: Env;
  Variables: RequestVariables & {
    settings: Settings;
    /** Set by the guards. */
    caller: Caller;
  };
}
