import { defineCommand } from "citty";
import { openProject } from "../project.ts";
import { runPulumi } from "../run-pulumi.ts";

export const command = defineCommand({
  meta: {
    name: "pulumi",
    description:
      "Run the real Pulumi CLI in infra/, with backend and passphrase of a local stack set. Example: tenner pulumi preview --stack local",
  },
  async run({ rawArgs }) {
    process.exitCode = await runPulumi(openProject(), rawArgs);
  },
});
