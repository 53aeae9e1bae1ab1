import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Cloudflare from "cloudflare";
import { type Cloud, createCloud } from "../cloud.ts";
import type { Fault } from "../core/faults.ts";
import type { Binding } from "../core/service.ts";

/** A cloud in a folder of its own, with one account and the official client. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly client: Cloudflare;
  readonly accountId: string;
  /** `http://127.0.0.1:PORT/client/v4/accounts/<accountId>` */
  readonly api: string;
  readonly authorization: { authorization: string };
  /** Sets faults in place of all that were set. */
  setFaults(...faults: Partial<Fault>[]): Promise<void>;
  /** Uploads a Worker. Answers the API's own response. */
  upload(script: string, code: string, bindings: readonly Binding[]): Promise<Response>;
  close(): Promise<void>;
}

/** Starts a cloud for one test file. Nothing of it is left after `close`. */
export async function startTestCloud(plan: "free" | "paid" = "paid"): Promise<TestCloud> {
  const directory = await mkdtemp(join(tmpdir(), "local-cloud-"));
  const cloud = await createCloud({ directory, port: 0 });
  const { id: accountId } = cloud.account({ name: "test", plan });
  const authorization = { authorization: `Bearer ${cloud.token}` };
  const api = `${cloud.apiUrl}/accounts/${accountId}`;
  return {
    cloud,
    accountId,
    api,
    authorization,
    client: new Cloudflare({ apiToken: cloud.token, baseURL: cloud.apiUrl, maxRetries: 0 }),
    async setFaults(...faults) {
      const headers = { ...authorization, "content-type": "application/json" };
      const init = { method: "PUT", headers, body: JSON.stringify(faults) };
      const response = await fetch(`${cloud.url}/_local/faults`, init);
      if (!response.ok) throw new Error(await response.text());
    },
    upload(script, code, bindings) {
      const form = new FormData();
      form.append("index.js", new File([code], "index.js", { type: "application/javascript+module" }));
      const metadata = { main_module: "index.js", compatibility_date: "2026-07-01", bindings };
      form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
      return fetch(`${api}/workers/scripts/${script}`, { method: "PUT", headers: authorization, body: form });
    },
    async close() {
      await cloud.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
