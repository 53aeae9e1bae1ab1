import { afterAll, beforeAll } from "vitest";
import { startTestCloud, type TestCloud } from "../../testing/test-cloud.ts";

export const LLAMA = "@cf/meta/llama-3.1-8b-instruct-fast";
export const FLUX = "@cf/black-forest-labs/flux-1-schnell";

/** Workers AI over REST, as one test file asks it. */
export interface WorkersAiFixture {
  /** The cloud, once the file's tests run. */
  readonly cloud: () => TestCloud;
  /** Runs a model through the official client. @param accountId the test's own, when left out */
  readonly run: <Answer = unknown>(model: string, inputs: object, accountId?: string) => Promise<Answer>;
  /** Sends JSON below `/ai/`. */
  readonly post: (path: string, body: unknown) => Promise<Response>;
}

/** Starts a cloud before the tests of the file that calls this, and ends it after them. */
export function workersAiFixture(plan?: "free" | "paid"): WorkersAiFixture {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud(plan);
  });
  afterAll(() => cloud.close());
  return {
    cloud: () => cloud,
    // The SDK's types name the inputs and answers of every model's task at once.
    run: <Answer>(model: string, inputs: object, account_id = cloud.accountId) =>
      cloud.client.ai.run(model, { account_id, ...inputs } as never) as Promise<unknown> as Promise<Answer>,
    post: (path, body) =>
      fetch(`${cloud.api}/ai/${path}`, { method: "POST", headers: cloud.authorization, body: JSON.stringify(body) }),
  };
}
