import { Checkout, runInProject } from "@tenner/cli/testing";

/** One running stack for all specs that only use it. Specs that kill or change things make a checkout of their own. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  // Every checkout has a copy of the bundles.
  const built = await runInProject("build", "--stack", "local");
  if (built.code !== 0) throw new Error(built.stderr);
  const checkout = new Checkout();
  // All tests are one visitor.
  const settings = { valuation: { submissionsPerMinute: 1_000 } };
  await checkout.tenner("config", "set", "tenner:settings", JSON.stringify(settings));
  const running = await checkout.start("--no-watch").catch((error: unknown) => {
    checkout.remove();
    throw error;
  });
  process.env["E2E_CHECKOUT"] = checkout.directory;
  process.env["E2E_OUTPUTS"] = JSON.stringify(running.outputs);
  process.env["E2E_PRINTED"] = running.printed();
  return async () => {
    await running.end();
    checkout.remove();
  };
}
