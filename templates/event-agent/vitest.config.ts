import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { GATEWAY, startAiDouble } from "./test/ai-double.ts";

/** As wrangler.jsonc has it. */
const LEDGER_MIGRATIONS = join(import.meta.dirname, "../../packages/worker-kit/migrations/ledger");

export default defineConfig(async () => {
  const ai = await startAiDouble();
  return {
    plugins: [
      { name: "ai-double", buildEnd: () => ai.close() },
      cloudflareTest({
        remoteBindings: false,
        wrangler: { configPath: join(import.meta.dirname, "wrangler.jsonc") },
        miniflare: {
          // A brand that only wrangler puts on; at run time it is a URL.
          ai: { binding: "AI", remoteProxyConnectionString: new URL(ai.url) as never },
          bindings: {
            API_KEY: "tnr_test_key_of_the_program_0000000000000000",
            WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            SETTINGS: {
              limits: { modelTimeoutMs: 3_000, maxConcurrentPerTenant: 3 },
              allowedOrigins: ["https://shop.example"],
            },
            AI_GATEWAY: GATEWAY,
            TEST_AI_URL: ai.url,
            TEST_LEDGER_MIGRATIONS: await readD1Migrations(LEDGER_MIGRATIONS),
            TEST_MIGRATIONS: await readD1Migrations(join(import.meta.dirname, "migrations")),
          },
        },
      }),
    ],
    test: {
      name: "event-agent in workerd",
      include: ["test/**/*.test.ts", "src/**/*.test.ts"],
      // A workerd for each file would start longer than most files run.
      isolate: false,
      // A busy machine gets time; waiting ends as soon as what is waited for is there.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
    },
  };
});
