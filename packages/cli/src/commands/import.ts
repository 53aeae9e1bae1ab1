import { importResource } from "@tenner/engine";
import { defineCommand } from "citty";
import { runOnStack, stackArguments } from "../stack-arguments.ts";

export const command = defineCommand({
  meta: {
    name: "import",
    description:
      "Take a resource that exists into the stack's state. Example: tenner import cloudflare:index/workersKvNamespace:WorkersKvNamespace event-agent-lookup 0123abcd/4567ef",
  },
  args: {
    type: { type: "positional", required: true, description: "cloudflare:index/workersKvNamespace:WorkersKvNamespace" },
    name: { type: "positional", required: true, description: "Its name in the program" },
    id: { type: "positional", required: true, description: "accountId/id, as the provider's page says" },
    ...stackArguments,
  },
  async run({ args }) {
    await runOnStack(args, (options) => importResource({ ...options, type: args.type, name: args.name, id: args.id }));
  },
});
