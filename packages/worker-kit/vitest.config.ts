import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { serveWorkersAi } from "@tenner/local-cloud/testing";
import { defineConfig } from "vitest/config";
import { AI_SERVER } from "./test/ai-route.ts";

const ai = await serveWorkersAi(AI_SERVER);

// Pure code is tested in Node, what needs a database or models in workerd over the bindings, and a killed process from Node.
export default defineConfig({
  test: {
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "worker-kit",
          root: import.meta.dirname,
          include: ["src/**/*.test.ts", "test/*.node.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          { name: "ai-server", buildEnd: () => ai.close() },
          cloudflareTest(async () => ({
            miniflare: {
              compatibilityDate: "2026-11-01",
              d1Databases: { LEDGER: "ledger" },
              // A brand that only wrangler puts on; at run time it is a URL.
              ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) as never },
              bindings: {
                AI_URL: ai.url,
                MIGRATIONS: await readD1Migrations(`${import.meta.dirname}/migrations/ledger`),
              },
            },
          })),
        ],
        test: {
          name: "worker-kit in workerd",
          root: import.meta.dirname,
          include: ["test/*.worker.test.ts"],
          // A workerd for each file would start longer than most files run.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
