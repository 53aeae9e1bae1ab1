import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// Pure code is tested in Node, what needs a database in workerd over the D1 binding, and a killed process from Node.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "worker-kit", root: import.meta.dirname, include: ["src/**/*.test.ts", "test/*.node.test.ts"] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            miniflare: {
              compatibilityDate: "2026-11-01",
              d1Databases: { LEDGER: "ledger" },
              bindings: { MIGRATIONS: await readD1Migrations(`${import.meta.dirname}/migrations/ledger`) },
            },
          })),
        ],
        test: {
          name: "worker-kit in workerd",
          root: import.meta.dirname,
          include: ["test/*.worker.test.ts"],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
