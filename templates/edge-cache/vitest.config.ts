import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { serveVectorize } from "@tenner/local-cloud/testing";
import { defineConfig } from "vitest/config";
import { GATEWAY, startAiDouble } from "./test/ai-double.ts";
import { startBackendDouble } from "./test/backend-double.ts";

/** As wrangler.jsonc has it. */
const LEDGER_MIGRATIONS = join(import.meta.dirname, "../../packages/worker-kit/migrations/ledger");

/** A busy machine gets time to find alike questions; none is checked afterwards unless a test wants it. */
const SETTINGS = { cache: { semantic: { waitMs: 10_000, verifyShare: 0 } } };

// Pure code is tested in Node, everything else in workerd over the bindings.
export default defineConfig(async () => {
  const vectors = await serveVectorize({
    QUESTIONS: { dimensions: 768, metric: "cosine", metadataIndexes: [{ propertyName: "frame", indexType: "string" }] },
    CHUNKS: {
      dimensions: 768,
      metric: "cosine",
      metadataIndexes: [
        { propertyName: "tenant", indexType: "string" },
        { propertyName: "document", indexType: "string" },
      ],
    },
  });
  const backend = await startBackendDouble();
  const ai = await startAiDouble(vectors.url);
  // A brand that only wrangler puts on; at run time it is a URL.
  const remoteProxyConnectionString = new URL(ai.url) as never;
  return {
    test: {
      silent: "passed-only" as const,
      projects: [
        { test: { name: "edge-cache", root: import.meta.dirname, include: ["src/**/*.test.ts"], testTimeout: 60_000 } },
        {
          plugins: [
            { name: "backend-double", buildEnd: () => backend.close() },
            { name: "ai-double", buildEnd: () => ai.close() },
            { name: "vectorize-double", buildEnd: () => vectors.close() },
            cloudflareTest({
              remoteBindings: false,
              wrangler: { configPath: join(import.meta.dirname, "wrangler.jsonc") },
              miniflare: {
                ai: { binding: "AI", remoteProxyConnectionString },
                vectorize: {
                  QUESTIONS: { index_name: "questions", remoteProxyConnectionString },
                  CHUNKS: { index_name: "documents", remoteProxyConnectionString },
                },
                bindings: {
                  AI_GATEWAY: GATEWAY,
                  TEST_AI_URL: ai.url,
                  TEST_BACKEND_URL: backend.url,
                  TEST_VECTORIZE_URL: vectors.url,
                  SETTINGS,
                  API_KEY: "tnr_test_key_of_the_program_0000000000000000",
                  TEST_LEDGER_MIGRATIONS: await readD1Migrations(LEDGER_MIGRATIONS),
                  TEST_MIGRATIONS: await readD1Migrations(join(import.meta.dirname, "migrations")),
                },
              },
            }),
          ],
          test: {
            name: "edge-cache in workerd",
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
