import { decide } from "../../templates/edge-cache/src/domain/semantic/decide.ts";
import { makePairs } from "./pairs.ts";

// Prints what the tuning half gets wrong. The other half is not shown on purpose: whoever has seen it has tuned with it.
for (const { side, class: expected, group, kind, asked, candidate } of makePairs()) {
  if (side !== "tune") continue;
  const { verdict, reasons } = decide(asked, candidate);
  if ((expected === "same") === (verdict === "same")) continue;
  const why = reasons.map(({ guard, asked, candidate }) => `${guard}: ${asked} / ${candidate}`).join("; ");
  process.stdout.write(
    `${group} (${kind}): ${asked.at(-1)?.content} | ${candidate.at(-1)?.content} → ${verdict} ${why}\n`,
  );
}
