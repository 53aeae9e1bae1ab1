import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { GATEWAY, startAiDouble } from "./test/ai-double.ts";

/** As wrangler.jsonc has it. */
const LEDGER_MIGRATIONS = join(import.meta.dirname, "../../packages/worker-kit/migrations/ledger");

// Pure code is tested in Node, everything else in workerd over the bindings. Pages need Vite's build, so a browser sees
// them in e2e; here a page's address answers 501.
export default defineConfig(async () => {
  const ai = await startAiDouble();
  return {
    test: {
      silent: "passed-only" as const,
      projects: [
        {
          test: {
            name: "valuation-app",
            root: import.meta.dirname,
            include: ["src/**/*.test.ts"],
            testTimeout: 60_000,
          },
        },
        {
          resolve: {
            alias: [{ find: /^\.\/page-renderer\.ts$/, replacement: join(import.meta.dirname, "test/no-pages.ts") }],
          },
          plugins: [
            { name: "ai-double", buildEnd: () => ai.close() },
            cloudflareTest({
              remoteBindings: false,
              wrangler: { configPath: join(import.meta.dirname, "wrangler.jsonc") },
              miniflare: {
                // What Vite builds for the browser is not there yet.
                assets: { directory: join(import.meta.dirname, "public") },
                // A brand that only wrangler puts on; at run time it is a URL.
                ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) as never },
                bindings: {
                  AI_GATEWAY: GATEWAY,
                  SETTINGS: { valuation: { patienceMs: 10_000 } },
                  TEST_AI_URL: ai.url,
                  API_KEY: "tnr_test_key_of_the_program_0000000000000000",
                  OWNER_KEY: "own_test_key_of_the_program_0000000000000000",
                  TEST_LEDGER_MIGRATIONS: await readD1Migrations(LEDGER_MIGRATIONS),
                  TEST_MIGRATIONS: await readD1Migrations(join(import.meta.dirname, "migrations")),
                },
              },
            }),
          ],
          test: {
            name: "valuation-app in workerd",
            root: import.meta.dirname,
            include: ["test/**/*.test.ts"],
            // A workerd for each file would start longer than most files run.
            isolate: false,
            // A busy machine gets time; waiting ends as soon as what is waited for is there.
            testTimeout: 60_000,
            hookTimeout: 60_000,
            expect: { poll: { timeout: 30_000 } },
          },
        },
      ],
    },
  };
});
