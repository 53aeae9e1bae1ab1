import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "engine",
    // Most tests run a whole program in a process of its own.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    // Projects of other numbers of workers run before.
    sequence: { groupOrder: 1 },
  },
});
