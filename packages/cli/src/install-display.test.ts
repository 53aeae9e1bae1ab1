import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { installDisplay } from "./install-display.ts";
import { createTerminal } from "./terminal.ts";

/** What is written while a hundred pieces of a megabyte arrive, ten of them a second. */
function written(isTTY: boolean): string {
  let text = "";
  let now = 0;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  // A terminal's stream is only written to here, and asked what it is.
  const display = installDisplay(
    createTerminal(Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream),
    () => now,
  );
  for (let piece = 0; piece <= 1000; piece++) {
    display.show({ step: "download", bytes: piece * 1e5, total: 1e8 });
    now += 10;
  }
  display.show({ step: "unpack" });
  display.show({ step: "packages" });
  display.end();
  return text;
}

it("writes a plain line for each tenth where nobody watches", () => {
  const lines = written(false).trimEnd().split("\n");
  expect(lines).toHaveLength(13);
  expect(lines[3]).toBe("  downloading 30 %, 30 of 100 MB");
  expect(written(false)).not.toContain("\x1b");
});

it("rewrites one line in a terminal, and leaves it complete", () => {
  const [download = "", ...rest] = written(true).trimEnd().split("\n");
  const shown = download.split("\r\x1b[K");
  expect(shown.length).toBeGreaterThan(50);
  expect(shown.length).toBeLessThan(120);
  expect(shown.at(-1)).toBe("  downloading 100 %, 100 of 100 MB");
  expect(rest).toHaveLength(2);
});
