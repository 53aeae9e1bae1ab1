import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Settings } from "@tenner/worker-kit/settings";
import type * as z from "zod";
import worker from "../src/index.ts";
import { scheduled } from "../src/scheduled.ts";
import type { CallOptions } from "./harness.ts";

const ORIGIN = "https://edge-cache.test";

/** The Worker as a stack with these settings has it. Its Durable Objects keep the test's own settings. */
export function workerWith(settings: z.input<typeof Settings>) {
  const own: Env & { LOCAL_CLOCK_OFFSET: string } = { ...env, SETTINGS: settings, LOCAL_CLOCK_OFFSET: "0" };
  async function send(path: string, init: RequestInit<IncomingRequestCfProperties>): Promise<Response> {
    const context = createExecutionContext();
    const response = await worker.fetch(
      new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}${path}`, init),
      own,
      context,
    );
    later.push(() => waitOnExecutionContext(context));
    return response;
  }
  const later: (() => Promise<void>)[] = [];
  return {
    send,
    /** As `api` of the harness. */
    api: (method: string, path: string, { key = env.API_KEY, body, headers }: CallOptions = {}): Promise<Response> =>
      send(path, {
        method,
        headers: {
          ...(key !== null && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    /** Moves the stack's clock. */
    pass: (seconds: number): void => {
      own.LOCAL_CLOCK_OFFSET = String(Number(own.LOCAL_CLOCK_OFFSET) + seconds * 1_000);
    },
    /** Runs the cron. */
    cron: () => scheduled(own),
    /** Ends when all that went on after the answers has ended. */
    settled: async (): Promise<void> => {
      for (const wait of later.splice(0)) await wait();
    },
  };
}
