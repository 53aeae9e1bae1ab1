import { defineConfig } from "vitest/config";

// Each test loads the program anew.
export default defineConfig({ test: { name: "infra", testTimeout: 60_000 } });
