import { defineConfig } from "vitest/config";

// Pure code is tested in Node.
export default defineConfig({
  test: {
    silent: "passed-only",
    projects: [{ test: { name: "edge-cache", root: import.meta.dirname, include: ["src/**/*.test.ts"] } }],
  },
});
