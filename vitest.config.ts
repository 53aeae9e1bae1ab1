import { defineConfig } from "vitest/config";

export default defineConfig({ test: { projects: ["packages/*", "templates/*", "infra"], silent: "passed-only" } });
