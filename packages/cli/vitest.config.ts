import { defineConfig } from "vitest/config";

// A busy machine gets time; waiting ends as soon as what is waited for is there.
export default defineConfig({ test: { name: "cli", testTimeout: 60_000, hookTimeout: 60_000 } });
