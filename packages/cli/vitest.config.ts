import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "cli",
    // A busy machine gets time; waiting ends as soon as what is waited for is there.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Files share nothing but the modules, which cost a quarter of the time.
    isolate: false,
  },
});
