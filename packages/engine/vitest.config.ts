import { defineConfig } from "vitest/config";

export default defineConfig({
  // Most tests run a whole program in a process of its own.
  test: { name: "engine", testTimeout: 120_000, hookTimeout: 60_000, maxWorkers: 2 },
});
