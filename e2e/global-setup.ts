import { billTable, Checkout, type CloudAccess, daysOfMonth, readAccountBill, runInProject } from "@tenner/cli/testing";

/** One running stack for all specs that only use it. Specs that kill or change things make a checkout of their own. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const named = process.env["E2E_STACK"];
  if (named) return useStack(named);
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
    await printBill(running.outputs.cloud);
    await running.end();
    checkout.remove();
  };
}

/** A stack that is there already, on the local cloud of this folder, and stays. */
async function useStack(name: string): Promise<() => Promise<void>> {
  const printed = await runInProject("outputs", "--running", "--stack", name, "--json");
  if (printed.code !== 0) throw new Error(`E2E_STACK=${name}: ${printed.stderr.trim()}`);
  process.env["E2E_OUTPUTS"] = printed.stdout;
  return async () => {};
}

/** What the run would have cost on Cloudflare. A bill that cannot be had fails no test. */
async function printBill({ url, accountId, apiToken }: CloudAccess): Promise<void> {
  const month = daysOfMonth(new Date().toISOString().slice(0, 7));
  // Tests move the cloud's clock.
  const days = { from: month.from, to: "2100-01-01" };
  const access = { account: accountId, origin: url, token: apiToken };
  const lines = await readAccountBill(access, days).then(billTable, (error: Error) => [error.message]);
  process.stdout.write(`\n  this run on Cloudflare\n\n${lines.map((line) => `  ${line}`.trimEnd()).join("\n")}\n\n`);
}
