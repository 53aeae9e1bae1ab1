// Preloaded into every child: its standard input is a pipe that closes when the engine is gone, also after a kill -9.
process.stdin.on("end", () => process.exit(1));
process.stdin.on("error", () => process.exit(1));
process.stdin.resume();
const input: unknown = process.stdin;
// A program ends when its own work is done, so the pipe must not keep it alive.
if (
  process.env["TENNER_EXIT_WITH_PARENT"] !== "hold" &&
  typeof input === "object" &&
  input !== null &&
  "unref" in input
) {
  const { unref } = input;
  if (typeof unref === "function") unref.call(input);
}
