import { defineCommand } from "citty";

export const command = defineCommand({
  meta: {
    name: "preview-stack",
    description: "Stacks for pull requests: each has its own resources, a small ceiling and a time to live",
  },
  subCommands: {
    up: () => import("./preview-stack/up.ts").then(({ command: up }) => up),
    down: () => import("./preview-stack/down.ts").then(({ command: down }) => down),
    reap: () => import("./preview-stack/reap.ts").then(({ command: reap }) => reap),
    comment: () => import("./preview-stack/comment.ts").then(({ command: comment }) => comment),
  },
});
