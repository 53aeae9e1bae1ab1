import type { InstallProgress } from "@tenner/local-cloud/smollm2";
import type { Terminal } from "./terminal.ts";

/** Shows an installation's progress: one line that is rewritten in a terminal, a line for each tenth of it elsewhere. */
export interface InstallDisplay {
  show(progress: InstallProgress): void;
  /** Leaves the line that is being rewritten. */
  end(): void;
}

/** @param now ms */
export function installDisplay(terminal: Terminal, now: () => number = Date.now): InstallDisplay {
  const live = terminal.stream.isTTY === true;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = "";
  let open = false;

  function end(): void {
    if (open) terminal.line();
    open = false;
  }

  return {
    end,
    show(progress) {
      const text = describe(progress, live ? 1 : 10);
      if (text === shown) return;
      const complete = progress.step !== "download" || progress.bytes >= progress.total;
      if (!live) terminal.line(text);
      else if (progress.step === "download") {
        // Ten times a second is as much as anyone reads.
        if (!complete && now() - shownAt < 100) return;
        terminal.stream.write(`\r\x1b[K${text}`);
        open = true;
      } else {
        end();
        terminal.line(text);
      }
      shownAt = now();
      shown = text;
    },
  };
}

/** @param granularity in percent: between two steps of it the text stays the same */
function describe(progress: InstallProgress, granularity: number): string {
  switch (progress.step) {
    case "unpack":
      return "  unpacking the weights";
    case "packages":
      return "  installing node-llama-cpp with npm (85 MB)";
    case "download": {
      const { bytes, total } = progress;
      const percent = Math.floor((bytes / total) * 100);
      const coarse = percent - (percent % granularity);
      const done = Math.round((granularity === 1 ? bytes : (total * coarse) / 100) / 1e6);
      return `  downloading ${coarse} %, ${done} of ${Math.round(total / 1e6)} MB`;
    }
  }
}
