/** Bindings that wrangler.jsonc does not name, because the Worker runs without them. Both or neither are there. */
interface OptionalBindings {
  /** The event-agent of the same stack: the end of a batch can become a job there. */
  readonly EVENT_AGENT?: Fetcher;
  /** The event-agent's `WEBHOOK_SECRET`: signs the hooks sent to it. */
  readonly EVENT_AGENT_HOOK_SECRET?: string;
}

interface Env extends OptionalBindings {}

declare namespace Cloudflare {
  interface Env extends OptionalBindings {}
}
