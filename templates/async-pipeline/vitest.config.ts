import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { GATEWAY, startAiDouble } from "./test/ai-double.ts";
import { startFileServer } from "./test/file-server.ts";

/** As wrangler.jsonc has it. */
const LEDGER_MIGRATIONS = join(import.meta.dirname, "../../packages/worker-kit/migrations/ledger");

// Pure code is tested in Node, everything else in workerd over the bindings.
export default defineConfig(async () => {
  const [files, ai] = await Promise.all([startFileServer(), startAiDouble()]);
  return {
    test: {
      silent: "passed-only" as const,
      projects: [
        {
          test: {
            name: "async-pipeline",
            root: import.meta.dirname,
            include: ["src/**/*.test.ts"],
            testTimeout: 60_000,
          },
        },
        {
          plugins: [
            { name: "file-server", buildEnd: () => files.close() },
            { name: "ai-double", buildEnd: () => ai.close() },
            cloudflareTest({
              remoteBindings: false,
              wrangler: { configPath: join(import.meta.dirname, "wrangler.jsonc") },
              miniflare: {
                // A brand that only wrangler puts on; at run time it is a URL.
                ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) as never },
                bindings: {
                  AI_GATEWAY: GATEWAY,
                  TEST_AI_URL: ai.url,
                  API_KEY: "tnr_test_key_of_the_program_0000000000000000",
                  WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                  TEST_FILES_URL: files.url,
                  TEST_LEDGER_MIGRATIONS: await readD1Migrations(LEDGER_MIGRATIONS),
                  TEST_MIGRATIONS: await readD1Migrations(join(import.meta.dirname, "migrations")),
                },
              },
            }),
          ],
          test: {
            name: "async-pipeline in workerd",
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
