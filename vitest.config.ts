import { defineConfig } from "vitest/config";

// The machines of CI have two cores, and most tests wait for a process of theirs: vitest's own choice would be one worker.
export default defineConfig({
  test: { projects: ["packages/*", "templates/*", "infra"], silent: "passed-only", maxWorkers: 2 },
});
