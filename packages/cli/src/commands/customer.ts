import { defineCommand } from "citty";

export const command = defineCommand({
  meta: {
    name: "customer",
    description: "Stacks for customers, each with resources, keys and a ceiling of its own",
  },
  subCommands: {
    add: () => import("./customer/add.ts").then(({ command: add }) => add),
    upgrade: () => import("./customer/upgrade.ts").then(({ command: upgrade }) => upgrade),
    remove: () => import("./customer/remove.ts").then(({ command: remove }) => remove),
    export: () => import("./customer/export.ts").then(({ command: exportData }) => exportData),
    list: () => import("./customer/list.ts").then(({ command: list }) => list),
  },
});
