import type { Drawing } from "./drawing.ts";
import { billDrawing } from "./plates/bill.ts";
import { estimateDrawing } from "./plates/estimate.ts";
import { flowDrawing } from "./plates/flow.ts";
import { gatewayDrawing } from "./plates/gateway.ts";
import { keptDrawing } from "./plates/kept.ts";
import { recordDrawing } from "./plates/record.ts";
import { stackDrawing } from "./plates/stack.ts";
import type { StackFacts } from "./stack-facts.ts";

let last: { readonly facts: string; readonly drawings: readonly Drawing[] } | undefined;

/** The drawings of this stack, in the order in which they are shown. A stack's facts stay, and so its drawings do. */
export function drawingsOf(facts: StackFacts): readonly Drawing[] {
  const key = JSON.stringify(facts);
  if (last?.facts !== key) last = { facts: key, drawings: drawingsFrom(facts) };
  return last.drawings;
}

function drawingsFrom(facts: StackFacts): readonly Drawing[] {
  return [
    stackDrawing(facts),
    flowDrawing(facts),
    gatewayDrawing(facts),
    keptDrawing(facts),
    estimateDrawing(facts),
    recordDrawing(),
    billDrawing(facts),
  ];
}
