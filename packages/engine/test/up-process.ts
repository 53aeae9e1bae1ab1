import { up } from "../src/index.ts";

// Run by the kill test: an `up` in a process that can be killed.
const [, , options = "{}"] = process.argv;
const result = await up(JSON.parse(options));
process.exitCode = result.outcome === "succeeded" ? 0 : 1;
