import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { d1Ledger, type LedgerCall, usdOf } from "../src/ledger.ts";
import { at, budgetOf, call, emptyDatabase, movableLedger, settlement, sum } from "./ledger-harness.ts";

const NOVEMBER = at("2026-11-21T12:00:00Z");
const LAST_SECOND = at("2026-11-30T23:59:59Z");
const DECEMBER = at("2026-12-01T00:00:00Z");

beforeEach(emptyDatabase);

/** What is logged from here on, as parsed lines. */
function logged(level: "warn" | "error") {
  const spy = vi.spyOn(console, level).mockReturnValue();
  onTestFinished(() => spy.mockRestore());
  return () => spy.mock.calls.map(([line]): Record<string, unknown> => JSON.parse(String(line)));
}

describe("a reservation", () => {
  it("holds the worst case until the truth is settled", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    expect(await ledger.reserve(call("a"))).toEqual({ kind: "reserved", callId: "a", month: "2026-11" });
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
    await ledger.settle("a", settlement(4));
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 4 });
    expect(await sum("2026-11", "tenant", "ann")).toEqual({ reserved: 0, spent: 4 });
    expect(await sum("2026-11", "template", "event-agent")).toEqual({ reserved: 0, spent: 4 });
  });

  it("fits when it exactly reaches the ceiling, and is refused with the facts when it passes it by one", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 20 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(7));
    expect(await ledger.reserve(call("b", { worstCase: 14 }))).toEqual({
      kind: "refused",
      scope: "stack",
      ceiling: 20,
      committed: 7,
      held: 0,
      retryAt: DECEMBER,
    });
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 7 });
    expect(await ledger.reserve(call("b", { worstCase: 13 }))).toMatchObject({ kind: "reserved" });
    expect(await ledger.reserve(call("free", { worstCase: 0 }))).toMatchObject({ kind: "reserved" });
  });

  it.each([
    ["stack", { stack: 15, tenant: 15, template: { "event-agent": 15 } }],
    ["tenant", { stack: 100, tenant: 15, template: { "event-agent": 15 } }],
    ["template", { stack: 100, template: { "event-agent": 15 } }],
  ] as const)("is held under every ceiling or under none: %s refuses", async (scope, limits) => {
    const ledger = movableLedger(NOVEMBER, budgetOf(limits));
    await ledger.reserve(call("a"));
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "refused", scope, ceiling: 15, committed: 10 });
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
    expect(await sum("2026-11", "tenant", "ann")).toEqual({ reserved: 10, spent: 0 });
    expect(await sum("2026-11", "template", "event-agent")).toEqual({ reserved: 10, spent: 0 });
  });

  it("is refused for the moment only when calls under way hold what it needs, and for the month when it is spent", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 25, tenant: 20 }));
    await ledger.reserve(call("a"));
    await ledger.reserve(call("b", { worstCase: 5 }));
    const refused = { kind: "refused", scope: "tenant", ceiling: 20, committed: 15 };
    expect(await ledger.reserve(call("c"))).toEqual({ ...refused, held: 15, retryAt: undefined });
    expect(await ledger.reserve(call("b", { worstCase: 15 }))).toMatchObject({ held: 10, retryAt: undefined });
    await ledger.settle("b", settlement(5));
    expect(await ledger.reserve(call("c"))).toEqual({ ...refused, held: 10, retryAt: undefined });
    // Two walls now: the tenant's, which lasts, and the wider one of the stack, which does not.
    await ledger.reserve(call("d", { tenant: "bob", worstCase: 9 }));
    expect(await ledger.reserve(call("c", { worstCase: 16 }))).toMatchObject({ scope: "tenant", retryAt: DECEMBER });
    await ledger.settle("a", settlement(1));
    expect(await ledger.reserve(call("c"))).toMatchObject({ kind: "reserved" });
  });

  it("does not count one tenant's calls against another's ceiling, nor one template's against another's", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100, tenant: 10, template: { "event-agent": 20 } }));
    await ledger.reserve(call("a"));
    expect(await ledger.reserve(call("b", { tenant: "bob" }))).toMatchObject({ kind: "reserved" });
    expect(await ledger.reserve(call("c", { tenant: "cleo" }))).toMatchObject({ kind: "refused", scope: "template" });
    expect(await ledger.reserve(call("d", { tenant: "cleo", template: "edge-cache" }))).toMatchObject({
      kind: "reserved",
    });
  });

  it("follows a changed ceiling at once, also below what is spent", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "refused" });
    ledger.budget = budgetOf({ stack: 20 });
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "reserved" });
    ledger.budget = budgetOf({ stack: 5 });
    expect(await ledger.reserve(call("c", { worstCase: 0 }))).toMatchObject({
      kind: "refused",
      ceiling: 5,
      committed: 20,
    });
    expect(await ledger.reserve(call("a")), "what is held stays held").toMatchObject({ kind: "reserved" });
  });
});

describe("a repeat", () => {
  it("finds its reservation, in its own month and even when the budget is used up", async () => {
    const ledger = movableLedger(LAST_SECOND, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    ledger.clock = DECEMBER;
    expect(await ledger.reserve(call("a"))).toEqual({ kind: "reserved", callId: "a", month: "2026-11" });
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
    expect(await sum("2026-12")).toEqual({ reserved: 0, spent: 0 });
  });

  it("finds its settlement, and holds nothing", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(6));
    expect(await ledger.reserve(call("a"))).toEqual({ kind: "settled", callId: "a", month: "2026-11", cost: 6 });
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 6 });
  });

  it("keeps what is held when its worst case is smaller, and its time when that ends sooner", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    await ledger.reserve(call("a"));
    await ledger.reserve(call("a", { worstCase: 1, expiresInMs: 1 }));
    ledger.clock += 59_999;
    expect(await ledger.expire()).toBe(0);
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
  });

  it("is checked for the difference when its worst case is larger", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100, tenant: 30 }));
    await ledger.reserve(call("other", { worstCase: 5 }));
    await ledger.reserve(call("a"));
    expect(await ledger.reserve(call("a", { worstCase: 26 }))).toMatchObject({
      kind: "refused",
      scope: "tenant",
      committed: 5,
    });
    expect(await sum("2026-11")).toEqual({ reserved: 15, spent: 0 });
    expect(await ledger.reserve(call("a", { worstCase: 25 }))).toMatchObject({ kind: "reserved" });
    expect(await sum("2026-11")).toEqual({ reserved: 30, spent: 0 });
  });

  it("holds a tenant by its own ceiling where it has one, and the others by theirs", async () => {
    const budget = { ...budgetOf({ stack: 100, tenant: 20 }), tenantsUsd: { ann: usdOf(10) } };
    const ledger = movableLedger(NOVEMBER, budget);
    expect(await ledger.reserve(call("a"))).toMatchObject({ kind: "reserved" });
    expect(await ledger.reserve(call("b", { worstCase: 1 }))).toMatchObject({ scope: "tenant", ceiling: 10 });
    expect(await ledger.reserve(call("c", { tenant: "bob", worstCase: 20 }))).toMatchObject({ kind: "reserved" });
    expect(await ledger.reserve(call("d", { tenant: "toString", worstCase: 21 }))).toMatchObject({ ceiling: 20 });
  });

  it.each([{ tenant: "bob" }, { template: "edge-cache" }])(
    "by somebody else is refused without naming the owner: %j",
    async (other) => {
      const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
      await ledger.reserve(call("a"));
      const failure = await ledger.reserve(call("a", other)).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "LedgerError", code: "call_id_conflict" });
      expect(String(failure)).not.toMatch(/ann|event-agent/);
      expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
    },
  );
});

describe("a settlement", () => {
  it("changes nothing the second time", async () => {
    const warnings = logged("warn");
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(4));
    await ledger.settle("a", settlement(4));
    expect(warnings()).toEqual([]);
    await ledger.settle("a", settlement(9));
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 4 });
    expect(warnings()).toMatchObject([{ event: "ledger_settled_differently", settled_cost: 4, cost: 9 }]);
  });

  it("of a call that was never reserved fails by name", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    await expect(ledger.settle("nobody", settlement(4))).rejects.toMatchObject({
      code: "unknown_call",
      message: expect.stringContaining('"nobody"'),
    });
  });

  it("above the worst case is recorded, said aloud and stands in the way of the next call", async () => {
    const errors = logged("error");
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(101));
    expect(errors()).toMatchObject([
      { event: "ledger_cost_above_worst_case", call_id: "a", worst_case: 10, cost: 101 },
    ]);
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 101 });
    expect(await env.LEDGER.prepare("SELECT excess FROM sums WHERE dimension = 'stack'").first("excess")).toBe(91);
    expect(await ledger.reserve(call("b", { worstCase: 0 }))).toMatchObject({ kind: "refused", committed: 101 });
  });

  it("of nothing frees everything", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(0, { cached: true }));
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "reserved" });
  });
});

describe("a release", () => {
  it("gives back what was held, once, and lets the call be reserved again, in the month it then is", async () => {
    const ledger = movableLedger(LAST_SECOND, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    await ledger.release("a");
    await ledger.release("a");
    await ledger.release("nobody");
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 0 });
    ledger.clock = DECEMBER;
    expect(await ledger.reserve(call("a"))).toMatchObject({ kind: "reserved", month: "2026-12" });
    expect(await sum("2026-12")).toEqual({ reserved: 10, spent: 0 });
  });

  it("also gives back what has expired meanwhile", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    ledger.clock += 60_000;
    await ledger.expire();
    await ledger.release("a");
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 0 });
  });

  it("does not undo a settlement", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    await ledger.settle("a", settlement(4));
    await ledger.release("a");
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 4 });
  });

  it("that proves wrong is corrected and said aloud", async () => {
    const errors = logged("error");
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    await ledger.release("a");
    await ledger.settle("a", settlement(4));
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 4 });
    expect(errors()).toMatchObject([{ event: "ledger_released_call_cost_money", cost: 4 }]);
  });
});

describe("a crash", () => {
  it("costs the worst case once its time is over, until a late settlement corrects that, in its own month", async () => {
    const ledger = movableLedger(LAST_SECOND, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    ledger.clock += 59_999;
    expect(await ledger.expire()).toBe(0);
    ledger.clock += 1;
    expect(await ledger.expire()).toBe(1);
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 10 });
    await ledger.settle("a", settlement(4));
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 4 });
    expect(await sum("2026-12")).toEqual({ reserved: 0, spent: 0 });
  });

  it("frees nothing, whether it has been marked or not", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    ledger.clock += 60_000;
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "refused", committed: 10 });
    await ledger.expire();
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "refused", committed: 10 });
  });

  it("followed by a repeat is a reservation again", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    ledger.clock += 60_000;
    await ledger.expire();
    expect(await ledger.reserve(call("a"))).toMatchObject({ kind: "reserved" });
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
    expect(await ledger.expire()).toBe(0);
  });

  it("of many at once is worked off 500 at a time", async () => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 10_000 }));
    await env.LEDGER.batch(
      Array.from({ length: 501 }, (_, n) =>
        env.LEDGER.prepare(
          `INSERT INTO calls (call_id, month, day, tenant, template, worst_case, expires_at)
           VALUES (?1, '2026-11', '2026-11-21', 'ann', 'event-agent', 2, ?2)`,
        ).bind(`call ${n}`, NOVEMBER - n),
      ),
    );
    expect([await ledger.expire(), await ledger.expire(), await ledger.expire()]).toEqual([500, 1, 0]);
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 1_002 });
  });
});

describe("a month", () => {
  it("begins with its whole budget while the one before is still being settled", async () => {
    const ledger = movableLedger(LAST_SECOND, budgetOf({ stack: 10 }));
    await ledger.reserve(call("a"));
    expect(await ledger.reserve(call("b", { worstCase: 11 }))).toMatchObject({ kind: "refused", retryAt: DECEMBER });
    ledger.clock = DECEMBER;
    expect(await ledger.reserve(call("b"))).toMatchObject({ kind: "reserved", month: "2026-12" });
    await ledger.settle("a", settlement(3));
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 3 });
    expect(await sum("2026-12")).toEqual({ reserved: 10, spent: 0 });
  });

  it("keeps its own sums when the clock jumps back over its end", async () => {
    const ledger = movableLedger(DECEMBER, budgetOf({ stack: 20 }));
    await ledger.reserve(call("first of december", { worstCase: 20 }));
    ledger.clock = LAST_SECOND;
    expect(await ledger.reserve(call("november", { worstCase: 15 }))).toMatchObject({ month: "2026-11" });
    expect(await ledger.reserve(call("first of december", { worstCase: 20 }))).toMatchObject({ month: "2026-12" });
    expect(await ledger.reserve(call("too much", { worstCase: 21 }))).toMatchObject({
      kind: "refused",
      committed: 15,
      retryAt: DECEMBER,
    });
    await ledger.settle("first of december", settlement(12));
    await ledger.settle("november", settlement(9));
    ledger.clock = DECEMBER;
    await ledger.reserve(call("december's", { worstCase: 0 }));
    ledger.clock = LAST_SECOND;
    expect(await ledger.reserve(call("december's", { worstCase: 9 })), "its own month is the later one").toMatchObject({
      kind: "refused",
      committed: 12,
      retryAt: at("2027-01-01T00:00:00Z"),
    });
    expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 9 });
    expect(await sum("2026-12")).toEqual({ reserved: 0, spent: 12 });
  });
});

it("forgets old calls that have ended, and keeps their sums", async () => {
  const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
  for (const id of ["settled", "crashed", "released", "under way"]) await ledger.reserve(call(id));
  await ledger.reserve(call("long", { expiresInMs: 3_600_000 }));
  await ledger.settle("settled", settlement(4));
  await ledger.settle("long", settlement(1));
  await ledger.release("released");
  ledger.clock += 60_000;
  await ledger.reserve(call("under way"));
  await ledger.expire();
  expect(await ledger.prune(ledger.clock)).toBe(0);
  expect(await ledger.prune(ledger.clock + 1)).toBe(3);
  expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 15 });
  await ledger.settle("under way", settlement(2));
  expect(await sum("2026-11")).toEqual({ reserved: 0, spent: 17 });
  await expect(ledger.settle("crashed", settlement(1))).rejects.toMatchObject({ code: "unknown_call" });
});

it.each<[Partial<LedgerCall>, string]>([
  [{ worstCase: -1 }, "worstCase"],
  [{ worstCase: 0.5 }, "worstCase"],
  [{ worstCase: 2 ** 53 }, "worstCase"],
  [{ worstCase: Number.NaN }, "worstCase"],
  [{ callId: "" }, "callId"],
  [{ callId: "x".repeat(256) }, "callId"],
  [{ tenant: "" }, "tenant"],
  [{ template: "" }, "template"],
  [{ expiresInMs: 0 }, "expiresInMs"],
  [{ expiresInMs: Number.POSITIVE_INFINITY }, "expiresInMs"],
])("refuses a call with %j by name", async (wrong, name) => {
  const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
  await expect(ledger.reserve(call("a", wrong))).rejects.toMatchObject({
    code: "invalid_call",
    message: expect.stringContaining(name),
  });
});

it.each([{ cost: -1 }, { cost: 1.5 }, { inputTokens: Number.NaN }, { outputTokens: -3 }, { model: "" }])(
  "refuses a settlement with %j by name, and goes on holding the worst case",
  async (wrong) => {
    const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100 }));
    await ledger.reserve(call("a"));
    await expect(ledger.settle("a", settlement(1, wrong))).rejects.toMatchObject({
      code: "invalid_settlement",
      message: expect.stringContaining(Object.keys(wrong)[0] ?? ""),
    });
    expect(await sum("2026-11")).toEqual({ reserved: 10, spent: 0 });
  },
);

it("counts large amounts to the last billionth", async () => {
  const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 100_000_000_000_000 }));
  await ledger.reserve(call("a", { worstCase: 99_999_999_999_999 }));
  expect(await ledger.reserve(call("b", { worstCase: 2 }))).toMatchObject({ kind: "refused" });
  expect(await ledger.reserve(call("c", { worstCase: 1 }))).toMatchObject({ kind: "reserved" });
  await ledger.settle("a", settlement(33_333_333_333_333));
  expect(await sum("2026-11")).toEqual({ reserved: 1, spent: 33_333_333_333_333 });
});

it("reads the sums by their key and no call but its own", async () => {
  const ledger = movableLedger(NOVEMBER, budgetOf({ stack: 1_000_000 }));
  await Promise.all(Array.from({ length: 50 }, (_, n) => ledger.reserve(call(`before ${n}`, { tenant: `t${n}` }))));
  const read: number[] = [];
  const counting = new Proxy(env.LEDGER, {
    get: (database, property) =>
      property === "batch"
        ? async (statements: D1PreparedStatement[]) => {
            const results = await database.batch(statements);
            read.push(results.reduce((rows, { meta }) => rows + meta.rows_read, 0));
            return results;
          }
        : property === "prepare"
          ? (sql: string) => database.prepare(sql)
          : undefined,
  });
  const counted = d1Ledger({ database: counting, budget: budgetOf({ stack: 1_000_000 }), now: () => NOVEMBER });
  await counted.reserve(call("a"));
  await counted.settle("a", settlement(1));
  expect(read).toHaveLength(2);
  for (const rows of read) {
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(30);
  }
});
