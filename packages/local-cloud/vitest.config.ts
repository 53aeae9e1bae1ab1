import { defineConfig } from "vitest/config";

export default defineConfig({
  // Each test starts clouds of its own, so files share nothing but the modules, which cost most of their start.
  test: {
    name: "local-cloud",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 3,
    isolate: false,
    // Projects of other numbers of workers run before.
    sequence: { groupOrder: 1 },
  },
});
