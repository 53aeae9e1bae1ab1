import { defineConfig } from "@playwright/test";

const executablePath = process.env["CHROMIUM_PATH"];

export default defineConfig({
  testMatch: "*.spec.ts",
  globalSetup: "./global-setup.ts",
  outputDir: "test-results",
  forbidOnly: Boolean(process.env["CI"]),
  // The machines of CI have two cores, and a stack is running on them.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    reducedMotion: "reduce",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath && { executablePath }),
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-dev-shm-usage", "--disable-background-networking"],
    },
  },
});
