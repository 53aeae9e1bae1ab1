#!/usr/bin/env node
import { defineCommand, runMain } from "citty";

/** One line a command; each is loaded when it is called. */
const commands = {
  start: () => import("./commands/start.ts"),
  cloud: () => import("./commands/cloud.ts"),
  build: () => import("./commands/build.ts"),
  up: () => import("./commands/up.ts"),
  preview: () => import("./commands/preview.ts"),
  refresh: () => import("./commands/refresh.ts"),
  destroy: () => import("./commands/destroy.ts"),
  cancel: () => import("./commands/cancel.ts"),
  import: () => import("./commands/import.ts"),
  outputs: () => import("./commands/outputs.ts"),
  config: () => import("./commands/config.ts"),
  pulumi: () => import("./commands/pulumi.ts"),
};

await runMain(
  defineCommand({
    meta: { name: "tenner", description: "AI applications on Cloudflare, here and there." },
    subCommands: Object.fromEntries(
      Object.entries(commands).map(([name, load]) => [name, async () => (await load()).command]),
    ),
  }),
);
