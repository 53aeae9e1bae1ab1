/** What happened in one call of a Worker, as the runtime tells its tail. @see https://developers.cloudflare.com/workers/runtime-apis/handlers/tail/ */
export interface TraceEvent {
  readonly outcome: string;
  readonly exceptions: readonly { name: string; message: string; stack?: string; timestamp: number }[];
  readonly logs: readonly { level: string; message: unknown; timestamp: number }[];
  readonly eventTimestamp: number;
  readonly event: unknown;
  readonly [field: string]: unknown;
}
