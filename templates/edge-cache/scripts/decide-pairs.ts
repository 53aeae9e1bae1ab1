import process from "node:process";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { Guard } from "../src/domain/semantic/compare-readings.ts";
import type { Message } from "../src/domain/semantic/conversation.ts";
import { decide } from "../src/domain/semantic/decide.ts";

/**
 * What the semantic cache decides of pairs: `[[asked, candidate], …]` in JSON on stdin, one decision each on stdout, in the same
 * order. Each side is a conversation, its last message the question. `./tenner cache tune` runs this as a program.
 */
const Conversation = z.array(z.object({ role: z.string(), content: z.string() })).min(1);
const pairs = z.array(z.tuple([Conversation, Conversation])).parse(JSON.parse(await text(process.stdin)));
// The first decisions are slow while the engine compiles them: they are no measure.
for (const [asked, candidate] of pairs.slice(0, 200)) decide(asked, candidate);
process.stdout.write(JSON.stringify(pairs.map(([asked, candidate]) => judged(asked, candidate))));

function judged(asked: readonly Message[], candidate: readonly Message[]) {
  const started = performance.now();
  const { verdict, reasons } = decide(asked, candidate);
  const ms = performance.now() - started;
  const guards = [...new Set(reasons.map(({ guard }) => guard))];
  /** Guards without which the two would pass for the same: nothing else holds them apart. */
  const heldOnlyBy = guards.filter((guard) => decide(asked, candidate, new Set<Guard>([guard])).verdict === "same");
  return { verdict, reasons, heldOnlyBy, ms };
}
