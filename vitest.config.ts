import { defineConfig } from "vitest/config";

/** Their tests run in workerd, one project after another, and wait more than they work. */
const IN_WORKERD = ["templates/event-agent", "templates/async-pipeline", "packages/worker-kit"];
/** Each of their tests waits for processes of its own. */
const WITH_PROCESSES = ["packages/local-cloud", "packages/engine", "packages/cli"];
const ALL = ["packages/*", "templates/*", "infra"];

/** `npm test` runs the lanes beside each other; each takes about as long, and together they are everything. */
const LANES = {
  all: ALL,
  processes: WITH_PROCESSES,
  workerd: IN_WORKERD,
  others: [...ALL, ...[...WITH_PROCESSES, ...IN_WORKERD].map((folder) => `!${folder}`)],
};

const lane = process.env["TENNER_TESTS"] ?? "all";
if (!(lane in LANES)) throw new Error(`TENNER_TESTS is one of ${Object.keys(LANES).join(", ")}, not "${lane}"`);

export default defineConfig({
  test: {
    projects: LANES[lane as keyof typeof LANES],
    silent: "passed-only",
    globalSetup: "./scripts/temporary-folder.mjs",
    // The machines of CI have two cores, and most tests wait for a process of theirs: vitest's own choice would be one worker.
    maxWorkers: 2,
  },
});
