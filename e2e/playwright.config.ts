import { defineConfig } from "@playwright/test";

const executablePath = process.env["CHROMIUM_PATH"];

/** They kill, change and break what they run on. */
const OWN_STACK = [
  "survive.spec.ts",
  "deploy-ai.spec.ts",
  "live-reload.spec.ts",
  "customers.spec.ts",
  "preview-stack.spec.ts",
  "guides.spec.ts",
];

/** What a user sees of the templates, on whatever stack has them. */
const TEMPLATES = [
  "event-agent.spec.ts",
  "async-pipeline.spec.ts",
  "edge-cache.spec.ts",
  "valuation-app.spec.ts",
  "valuation-how.spec.ts",
];
const named = process.env["E2E_STACK"];

export default defineConfig({
  testMatch: "*.spec.ts",
  globalSetup: "./global-setup.ts",
  outputDir: "test-results",
  forbidOnly: Boolean(process.env["CI"]),
  // The machines of CI have two cores, and a third of the tests' time is waiting.
  workers: 3,
  projects: named
    ? [{ name: `stack ${named}`, testMatch: TEMPLATES, workers: 1 }]
    : [
        // One after another, because faults and load of one would be the next one's. They keep one worker busy, and begin first.
        { name: "one stack for all", testIgnore: [...OWN_STACK, "torture.spec.ts"], workers: 1 },
        { name: "torture", testMatch: "torture.spec.ts", workers: 1 },
        { name: "a stack of its own", testMatch: OWN_STACK },
      ],
  // A busy machine gets time; waiting ends as soon as what is waited for is there.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    reducedMotion: "reduce",
    // A trace costs more than the test it is of: TRACE=1 records those of failures.
    trace: process.env["TRACE"] ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath && { executablePath }),
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--disable-dev-shm-usage", "--disable-background-networking"],
    },
  },
});
