import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it, onTestFinished, vi } from "vitest";
import { type D1Ledger, LedgerError } from "../src/ledger.ts";
import { at, budgetOf, emptyDatabase, movableLedger } from "./ledger-harness.ts";
import {
  type Answer,
  apply,
  type Books,
  type Circumstances,
  EMPTY,
  type Operation,
  type Sum,
  sums,
} from "./ledger-model.ts";

const MONTH_END = at("2026-12-01T00:00:00Z");

// Few ids and coarse amounts, so that calls meet again and ceilings are reached exactly.
const callId = fc.constantFrom("a", "b", "c", "d");
const amount = fc.integer({ min: 0, max: 7 });
const template = fc.constantFrom("event-agent", "edge-cache");

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("reserve" as const),
      call: fc.record({
        callId,
        worstCase: amount,
        // Mostly its own tenant and template, so that repeats are found; now and then somebody else's.
        tenant: fc.oneof({ weight: 9, arbitrary: fc.constant("ann") }, { weight: 1, arbitrary: fc.constant("bob") }),
        template: fc.oneof({ weight: 9, arbitrary: fc.constant("event-agent") }, { weight: 1, arbitrary: template }),
        expiresInMs: fc.integer({ min: 1, max: 200 }),
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      callId,
      settlement: fc.record({
        cost: amount,
        model: fc.constantFrom("small", "large"),
        inputTokens: fc.nat(9),
        outputTokens: fc.nat(9),
        cached: fc.boolean(),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), callId }) },
  { weight: 4, arbitrary: fc.constant({ kind: "expire" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("prune" as const),
      before: fc.integer({ min: -300, max: 300 }).map((offset) => MONTH_END + offset),
    }),
  },
);

/** What happens next. A crash is what is never settled, or lost with the answer that nobody waited for. */
const step = fc.oneof(
  { weight: 8, arbitrary: operation.map((one) => ({ kind: "alone" as const, operations: [one] })) },
  {
    weight: 3,
    arbitrary: fc
      .array(operation, { minLength: 2, maxLength: 4 })
      .map((operations) => ({ kind: "together" as const, operations })),
  },
  // Around the month's end, forwards and backwards, and sometimes by weeks.
  {
    weight: 3,
    arbitrary: fc
      .oneof(fc.integer({ min: -400, max: 400 }), fc.constantFrom(-40 * 86_400_000, 10 * 86_400_000, 31 * 86_400_000))
      .map((offset) => ({ kind: "clock" as const, now: MONTH_END + offset })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("budget" as const),
      stack: fc.integer({ min: 1, max: 20 }),
      tenant: fc.option(fc.integer({ min: 1, max: 15 })),
      templates: fc.oneof(fc.constant({}), fc.record({ "event-agent": fc.integer({ min: 1, max: 12 }) })),
    }),
  },
);

it("adds up after every step of any history, as the same books kept on paper do", async () => {
  const silenced = (["warn", "error"] as const).map((level) => vi.spyOn(console, level).mockReturnValue());
  onTestFinished(() => {
    for (const spy of silenced) spy.mockRestore();
  });

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (history) => {
      await emptyDatabase();
      let books: Books = EMPTY;
      let circumstances: Circumstances = { now: MONTH_END - 200, stack: 15, tenant: null, templates: {} };
      for (const next of history) {
        if (next.kind === "clock") {
          circumstances = { ...circumstances, now: next.now };
          continue;
        }
        if (next.kind === "budget") {
          circumstances = { ...circumstances, stack: next.stack, tenant: next.tenant, templates: next.templates };
          continue;
        }
        const { stack, tenant, templates } = circumstances;
        const budget = budgetOf({ stack, ...(tenant !== null && { tenant }), template: templates });
        const ledger = movableLedger(circumstances.now, budget);
        const answers = await Promise.all(next.operations.map((one) => run(ledger, one)));
        const found = await storedSums();
        books = explain(books, next.operations, answers, found, circumstances);
      }
    }),
    { numRuns: 60 },
  );
});

/** The answer of the real ledger, an error as its code. */
async function run(ledger: D1Ledger, one: Operation): Promise<Answer> {
  try {
    switch (one.kind) {
      case "reserve":
        return await ledger.reserve(one.call);
      case "settle":
        return (await ledger.settle(one.callId, one.settlement)) ?? undefined;
      case "release":
        return (await ledger.release(one.callId)) ?? undefined;
      case "expire":
        return await ledger.expire();
      case "prune":
        return await ledger.prune(one.before);
    }
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

/**
 * The books after these operations: there has to be an order in which, one after the other, they give these very
 * answers and these sums.
 */
function explain(
  books: Books,
  operations: readonly Operation[],
  answers: readonly Answer[],
  found: Record<string, Sum>,
  circumstances: Circumstances,
): Books {
  let last: unknown;
  for (const order of orders(operations.map((_, index) => index))) {
    const given: Answer[] = [];
    const after = order.reduce((rest, index) => {
      const one = operations[index];
      if (!one) return rest;
      const [next, answer] = apply(rest, one, circumstances);
      given[index] = answer;
      return next;
    }, books);
    try {
      expect({ answers, sums: found }).toEqual({ answers: given, sums: sums(after) });
      return after;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function orders(of: readonly number[]): number[][] {
  if (of.length <= 1) return [[...of]];
  return of.flatMap((first) => orders(of.filter((each) => each !== first)).map((rest) => [first, ...rest]));
}

async function storedSums(): Promise<Record<string, Sum>> {
  const rows = await env.LEDGER.prepare(
    `SELECT month || '/' || owner || '/' || dimension || '/' || name,
       reserved, spent, expired, excess, calls, cached, input_tokens, output_tokens FROM sums`,
  ).raw<[string, ...number[]]>();
  return Object.fromEntries(rows.flatMap(([key, ...sum]) => (sum.some((value) => value !== 0) ? [[key, sum]] : [])));
}
