import { Checkout } from "@tenner/cli/testing";

/** One running stack for all specs that only use it. Specs that kill or change things make a checkout of their own. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const checkout = new Checkout();
  const settings = JSON.stringify({ templates: ["event-agent", "async-pipeline"] });
  const set = await checkout.tenner("config", "set", "tenner:settings", settings);
  if (set.code !== 0) throw new Error(set.stderr);
  const running = await checkout.start("--no-watch");
  process.env["E2E_OUTPUTS"] = JSON.stringify(running.outputs);
  process.env["E2E_PRINTED"] = running.printed();
  return async () => {
    await running.end();
    checkout.remove();
  };
}
