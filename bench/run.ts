import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { aiGateway } from "./measures/ai-gateway.ts";
import { bill } from "./measures/bill.ts";
import { customers } from "./measures/customers.ts";
import { deployAndStart } from "./measures/deploy-and-start.ts";
import { edgeCache } from "./measures/edge-cache.ts";
import { freshClone } from "./measures/fresh-clone.ts";
import { frontDoor } from "./measures/front-door.ts";
import { ledger } from "./measures/ledger.ts";
import { pipeline } from "./measures/pipeline.ts";
import { queues } from "./measures/queues.ts";
import { rollout } from "./measures/rollout.ts";
import { valuationApp } from "./measures/valuation-app.ts";
import { vectorize } from "./measures/vectorize.ts";

/** One line of the table: what was measured, beside what it is compared with. */
export interface Measure {
  readonly what: string;
  /** The figure, with its unit. */
  readonly figure: string;
  /** The peer measured in the same run, or the bound that was set. */
  readonly against: string;
}

const measures = {
  "front-door": frontDoor,
  "ai-gateway": aiGateway,
  ledger,
  vectorize,
  queues,
  pipeline,
  "edge-cache": edgeCache,
  "valuation-app": valuationApp,
  bill,
  customers,
  rollout,
  "deploy-and-start": deployAndStart,
  "fresh-clone": freshClone,
};

const chosen = process.argv.slice(2);
const rows: Measure[] = [];
for (const [name, measure] of Object.entries(measures)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  const found = await measure();
  for (const row of found) process.stderr.write(`  ${row.what}: ${row.figure} (${row.against})\n`);
  rows.push(...found);
}

const table = [
  "| what | measured | beside |",
  "|---|---|---|",
  ...rows.map(({ what, figure, against }) => `| ${what} | ${figure} | ${against} |`),
].join("\n");
process.stdout.write(`${table}\n`);

if (chosen.length === 0) {
  writeFileSync(
    path.join(import.meta.dirname, "README.md"),
    `# Measurements

\`npm run bench\` measures everything in one run and writes this page; \`npm run bench -- front-door\` prints one part.
Peers are measured in the same run, in turns, so that a noisy machine is unfair to both. Each figure is the median, with minimum and
maximum behind it. Nothing here is asserted by a test. \`npm run bench:load\` puts the whole stack under load: [load](load/README.md).

Last run: ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}.

${table}
`,
  );
}
