import { env } from "cloudflare:workers";
import { type AiClient, AiError, type AiQuestion, type AnswerShape } from "@tenner/worker-kit/ai";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { GateStore } from "../src/adapters/gate-store.ts";
import { WorkStore } from "../src/adapters/work-store.ts";
import type { ItemMessage } from "../src/domain/message.ts";
import { migrate } from "./http-harness.ts";
import { Workbench } from "./workbench.ts";

beforeAll(migrate);

/** What a model makes of an item: answers it, leaves it out of a shared answer, or never answers it validly. */
const Kind = fc.constantFrom("fine", "fine", "fine", "skipped", "poison");

const Event = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "feed" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "feed and die before sending" as const }) },
  // Any message that was ever sent: the newest, an old one, the same again.
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("deliver" as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("deliver twice at once" as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("deliver and throw" as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deliver and die" as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deliver without models" as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deliver without budget" as const), which: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("give up" as const), which: fc.nat(30) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 6, 30, 70, 4_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "cancel" as const }) },
);
type Event = typeof Event extends fc.Arbitrary<infer T> ? T : never;

it("whatever happens in whatever order: counts add up, every item ends once, no valid answer is asked for twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(Kind, { minLength: 1, maxLength: 14 }),
      fc.array(Event, { maxLength: 24 }),
      async (kinds, events) => {
        const bench = new Workbench();
        const model = new Model(kinds);
        const id = await bench.batch(kinds.map((kind, index) => ({ text: `#${index}# is ${kind}` })));
        const sent: ItemMessage[] = [];
        const ends = new Map<number, string>();
        // A group that broke off four times is parted, and then asked anew: the one case in which an answer is given up.
        let deaths = 0;

        for (const event of events) {
          const message = "which" in event ? sent.at(-1 - (event.which % Math.max(1, sent.length))) : undefined;
          const deadly = event.kind === "deliver and throw" || event.kind === "deliver and die";
          if (!(deadly && deaths >= 3)) {
            if (deadly) deaths++;
            await happen(event, message, { bench, model, id, sent });
          }
          await check(bench, id, kinds.length, ends);
        }
        await settle(bench, model);
        await check(bench, id, kinds.length, ends);
        const { status, waiting, released } = await bench.batchNow(id);
        expect([status, waiting, released]).toEqual([
          events.some(({ kind }) => kind === "cancel") ? expect.any(String) : "done",
          0,
          0,
        ]);
        for (const [position, kind] of kinds.entries()) {
          if (ends.get(position) === "cancelled") continue;
          expect(ends.get(position)).toBe(kind === "poison" ? "dead" : "done");
          expect(model.validAnswers(position), `valid answers of #${position}#`).toBe(kind === "poison" ? 0 : 1);
        }
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);

interface World {
  readonly bench: Workbench;
  readonly model: Model;
  readonly id: string;
  readonly sent: ItemMessage[];
}

async function happen(
  event: Event,
  message: ItemMessage | undefined,
  { bench, model, id, sent }: World,
): Promise<void> {
  const died = () => Promise.reject(new Error("died"));
  const probe = async () => null;
  const send = async (messages: readonly ItemMessage[]) => void sent.push(...messages);
  const ai = () => model;
  switch (event.kind) {
    case "feed":
      await bench.feed({ send, probe });
      return;
    case "feed and die before sending":
      await bench.feed({ send: died, probe }).catch(() => {});
      return;
    case "wait":
      bench.now += event.seconds * 1_000;
      return;
    case "cancel":
      await bench.cancel(id);
      return;
    case "give up":
      if (message) await new WorkStore(env.DB).giveUp([message], { now: bench.now, dueAt: bench.now + 30_000 });
      return;
    case "deliver":
      if (message) await bench.deliver([message], { ai });
      return;
    case "deliver twice at once":
      if (message) await Promise.all([bench.deliver([message, message], { ai }), bench.deliver([message], { ai })]);
      return;
    case "deliver and throw":
      if (message) await bench.deliver([message], { ai, store: storeThat({ commit: died }) });
      return;
    case "deliver and die":
      if (message) await bench.deliver([message], { ai, store: storeThat({ commit: died, drop: died }) });
      return;
    case "deliver without models":
      if (message) await bench.deliver([message], { ai: () => failing(new AiError("model_unavailable", "down")) });
      return;
    case "deliver without budget":
      if (message) await bench.deliver([message], { ai: () => failing(new AiError("budget_exhausted", "spent")) });
  }
}

/** The counts are those of the rows, and an end is for good. */
async function check(bench: Workbench, id: string, total: number, ends: Map<number, string>): Promise<void> {
  const items = await bench.items(id);
  const of = (status: string) => items.filter((item) => item.status === status).length;
  expect(await bench.counts(id)).toEqual({
    total,
    waiting: of("waiting"),
    released: of("released"),
    done: of("done"),
    dead: of("dead"),
    cancelled: of("cancelled"),
  });
  for (const { position, status } of items) {
    const end = ends.get(position);
    if (end !== undefined) expect(status, `#${position}# had ended as ${end}`).toBe(end);
    if (["done", "dead", "cancelled"].includes(status)) ends.set(position, status);
  }
}

/** From here on everything works: it has to come to its end by itself. */
async function settle(bench: Workbench, model: Model): Promise<void> {
  for (let turn = 0; turn < 60; turn++) {
    const queue: ItemMessage[] = [];
    const next = await bench.feed({ send: async (messages) => void queue.push(...messages), probe: async () => null });
    if (queue.length > 0) await bench.deliver(queue, { ai: () => model });
    else if (next === null) return;
    else bench.now = Math.max(bench.now + 1, next);
  }
  throw new Error(`it never comes to rest: ${JSON.stringify(await new GateStore(env.DB).get(bench.tenant))}`);
}

function failing(error: AiError): Pick<AiClient, "text" | "structured"> {
  return { text: () => Promise.reject(error), structured: () => Promise.reject(error) };
}

/** A model behind a cache, as the gateway has it: a call's repeat gets the call's answer. */
class Model implements Pick<AiClient, "structured" | "text"> {
  readonly #kinds: readonly string[];
  readonly #answered = new Map<string, number[]>();

  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  /** How many different calls have answered an item validly: each of them was paid. */
  validAnswers(position: number): number {
    return [...this.#answered.values()].filter((positions) => positions.includes(position)).length;
  }

  text(): never {
    throw new Error("no text is asked for here");
  }

  async structured<T>(question: AiQuestion, shape: AnswerShape<T>) {
    const positions = [...question.prompt.matchAll(/#(\d+)#/g)].map(([, position]) => Number(position));
    const shared = question.prompt.includes("<item number=");
    const served = positions.filter((position) => {
      const kind = this.#kinds[position];
      return kind === "fine" || (kind === "skipped" && !shared);
    });
    this.#answered.set(`${question.callId}|${question.prompt}`, served);
    const good = { label: "neutral", tags: [] };
    const value = shared
      ? Object.fromEntries(
          positions.flatMap((position, index) => (served.includes(position) ? [[`item_${index + 1}`, good]] : [])),
        )
      : served.length > 0
        ? good
        : { label: "none of them" };
    const checked = shape.check(value);
    if (!checked.ok) throw new AiError("invalid_answer", checked.problems.join("; "));
    const usage = { inputTokens: 5, outputTokens: 5 };
    const source = { model: "m", fallback: false, standIn: false, cached: false, logId: undefined };
    return { ...source, value: checked.value, usage, costNano: 1 };
  }
}

/** The real store, but for some of its methods. */
function storeThat(different: Partial<Record<"commit" | "drop", () => Promise<never>>>) {
  const real = new WorkStore(env.DB);
  return {
    claim: real.claim.bind(real),
    renew: real.renew.bind(real),
    drop: real.drop.bind(real),
    keep: real.keep.bind(real),
    commit: real.commit.bind(real),
    gate: real.gate.bind(real),
    ...different,
  };
}
