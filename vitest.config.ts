import { defineConfig } from "vitest/config";

/** Their tests run in workerd: vitest takes one project of these after another. */
const IN_WORKERD = ["templates/*", "packages/worker-kit"];
const PROJECTS = {
  all: ["packages/*", "templates/*", "infra"],
  workerd: IN_WORKERD,
  node: ["packages/*", "infra", ...IN_WORKERD.map((folder) => `!${folder}`)],
};

// `npm test` runs both halves beside each other.
const half = process.env["TENNER_TESTS"] ?? "all";
if (!(half in PROJECTS)) throw new Error(`TENNER_TESTS is one of ${Object.keys(PROJECTS).join(", ")}, not "${half}"`);

export default defineConfig({
  test: {
    projects: PROJECTS[half as keyof typeof PROJECTS],
    silent: "passed-only",
    // The machines of CI have two cores, and most tests wait for a process of theirs: vitest's own choice would be one worker.
    maxWorkers: 2,
  },
});
