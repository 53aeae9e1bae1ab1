import { defineCommand } from "citty";

export const command = defineCommand({
  meta: {
    name: "customer",
    description: "Stacks for customers, each with resources, keys and a ceiling of its own",
  },
  subCommands: {
    add: () => import("./customer/add.ts").then(({ command: add }) => add),
    list: () => import("./customer/list.ts").then(({ command: list }) => list),
  },
});
