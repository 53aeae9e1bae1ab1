/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  interface Env {
    TEST_AI_URL: string;
    TEST_LEDGER_MIGRATIONS: import("cloudflare:test").D1Migration[];
    TEST_MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
