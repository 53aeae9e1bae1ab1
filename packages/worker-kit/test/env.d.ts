/// <reference types="@cloudflare/vitest-plugin/types" />

declare namespace Cloudflare {
  interface Env {
    readonly AI: Ai;
    /** Where models and gateway are served: faults are set there. */
    readonly AI_URL: string;
    readonly LEDGER: D1Database;
    readonly MIGRATIONS: import("cloudflare:test").D1Migration[];
  }
}

declare module "*?raw" {
  const text: string;
  export default text;
}
