/** What exists in the cloud, for people and scripts. Read-only, and never a secret's value. */
export interface Overview {
  accounts(): AccountSummary[];
  workers(accountId: string): WorkerSummary[];
  /** Everything but Workers: databases, queues, gateways … */
  resources(accountId: string): ResourceSummary[];
  runtime(accountId: string): "running" | "sleeping";
}

interface AccountSummary {
  id: string;
  name: string;
  /** `free` or `paid`. */
  plan: string;
}

interface WorkerSummary {
  script: string;
  /** Where the front door answers for it; undefined when it has no address. */
  url: string | undefined;
  /** RFC 3339. */
  modifiedOn: string;
  /** `fetch`, `queue`, `scheduled` … */
  handlers: string[];
  crons: string[];
  bindings: BindingSummary[];
}

/** A binding without its value. `target` names the resource it leads to. */
export interface BindingSummary {
  name: string;
  type: string;
  target?: string;
}

export interface ResourceSummary {
  /** As in the API's paths: `kv`, `d1`, `r2`, `queues`, `ai-gateway`, `vectorize` … */
  product: string;
  id: string;
  name: string;
  /** RFC 3339. */
  createdOn?: string;
}
