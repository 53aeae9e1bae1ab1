/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  interface Env {
    readonly LEDGER: D1Database;
    readonly MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}
