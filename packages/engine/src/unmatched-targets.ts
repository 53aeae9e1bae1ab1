import type { Reporter } from "./reporter.ts";
import { matchesTarget, type Urn } from "./urn.ts";

/** A target that means nothing is a mistake, most often in the spelling: it is told, else success would mean nothing was done. */
export function reportUnmatchedTargets(reporter: Reporter, targets: readonly string[], urns: Iterable<Urn>): void {
  const all = [...urns];
  for (const target of targets) {
    if (!all.some((urn) => matchesTarget(urn, target)))
      reporter.diagnostic("error", `target ${target}: there is no such resource in the program or in the state`);
  }
}
