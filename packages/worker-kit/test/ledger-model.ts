import { dayOf, endOfMonth, monthOf } from "../src/ledger/calendar.ts";
import type { LedgerCall, NanoDollars, Reservation, Settlement } from "../src/ledger.ts";

/** What a ledger can be asked. */
export type Operation =
  | { readonly kind: "reserve"; readonly call: LedgerCall }
  | { readonly kind: "settle"; readonly callId: string; readonly settlement: Settlement }
  | { readonly kind: "release"; readonly callId: string }
  | { readonly kind: "expire" }
  | { readonly kind: "prune"; readonly before: number };

/** What it answers: a reservation, how many, the code of an error, or nothing. */
export type Answer = Reservation | number | string | undefined;

/** The ceilings and the time at which an operation runs. */
export interface Circumstances {
  readonly now: number;
  readonly stack: NanoDollars;
  readonly tenant: NanoDollars | null;
  readonly templates: Readonly<Record<string, NanoDollars>>;
}

interface ModelCall extends LedgerCall {
  readonly state: "reserved" | "expired" | "settled" | "released";
  readonly reservedAt: number;
  readonly expiresAt: number;
  readonly settlement?: Settlement;
}

/** A ledger as one would keep it on paper: the calls and nothing else. Every sum is added up anew. */
export interface Books {
  readonly calls: ReadonlyMap<string, ModelCall>;
  /** Calls that were pruned: they have ended and still count. */
  readonly forgotten: readonly ModelCall[];
}

export const EMPTY: Books = { calls: new Map(), forgotten: [] };

/** What an operation does to the books, and what it answers. */
export function apply(books: Books, operation: Operation, circumstances: Circumstances): [Books, Answer] {
  switch (operation.kind) {
    case "reserve":
      return reserve(books, operation.call, circumstances);
    case "settle": {
      const known = books.calls.get(operation.callId);
      if (!known) return [books, "unknown_call"];
      if (known.state === "settled") return [books, undefined];
      return [write(books, { ...known, state: "settled", settlement: operation.settlement }), undefined];
    }
    case "release": {
      const known = books.calls.get(operation.callId);
      if (known?.state !== "reserved" && known?.state !== "expired") return [books, undefined];
      return [write(books, { ...known, state: "released" }), undefined];
    }
    case "expire": {
      const due = all(books).filter((each) => each.state === "reserved" && each.expiresAt <= circumstances.now);
      return [due.reduce((rest, each) => write(rest, { ...each, state: "expired" }), books), due.length];
    }
    case "prune": {
      const old = all(books).filter((each) => each.state !== "reserved" && each.expiresAt < operation.before);
      const calls = new Map([...books.calls].filter(([, each]) => !old.includes(each)));
      return [{ calls, forgotten: [...books.forgotten, ...old] }, old.length];
    }
  }
}

function reserve(books: Books, call: LedgerCall, { now, ...ceilings }: Circumstances): [Books, Answer] {
  const { callId, tenant, template } = call;
  const known = books.calls.get(callId);
  if (known && (known.tenant !== tenant || known.template !== template)) return [books, "call_id_conflict"];
  if (known?.state === "settled") {
    return [books, { kind: "settled", callId, month: monthOf(known.reservedAt), cost: known.settlement?.cost ?? 0 }];
  }
  const kept = known && known.state !== "released" ? known : undefined;
  const reservedAt = kept?.reservedAt ?? now;
  const month = monthOf(reservedAt);
  const written: ModelCall = {
    ...call,
    state: "reserved",
    reservedAt,
    worstCase: Math.max(call.worstCase, kept?.worstCase ?? 0),
    expiresAt: Math.max(now + call.expiresInMs, kept?.expiresAt ?? 0),
  };
  const answer: Answer = { kind: "reserved", callId, month };
  if (kept && call.worstCase <= kept.worstCase) return [write(books, written), answer];

  const others = [...all(books), ...books.forgotten].filter(
    (each) => each !== kept && monthOf(each.reservedAt) === month,
  );
  const total = (of: readonly ModelCall[], amount: (each: ModelCall) => NanoDollars) =>
    of.reduce((sum, each) => sum + amount(each), 0);
  const walls = [
    ["stack", ceilings.stack, others],
    ["tenant", ceilings.tenant, others.filter((each) => each.tenant === tenant)],
    ["template", ceilings.templates[template] ?? null, others.filter((each) => each.template === template)],
  ] as const;
  // First those that would stand without the calls under way, then those that are only held.
  for (const lasting of [true, false]) {
    for (const [scope, ceiling, calls] of walls) {
      const gone = total(calls, spent);
      const underWay = total(calls, held);
      const limit = ceiling ?? Number.POSITIVE_INFINITY;
      if ((lasting ? gone : gone + underWay) + call.worstCase <= limit) continue;
      const retryAt = lasting ? Math.max(endOfMonth(month), endOfMonth(monthOf(now))) : undefined;
      return [books, { kind: "refused", scope, ceiling: limit, committed: gone + underWay, held: underWay, retryAt }];
    }
  }
  return [write(books, written), answer];
}

/** All sums that are not nothing, as `month/owner/dimension/name` with their numbers. */
export function sums(books: Books): Record<string, Sum> {
  const result: Record<string, Sum> = {};
  const add = (key: string, sum: Sum) => {
    result[key] = (result[key] ?? [0, 0, 0, 0, 0, 0, 0, 0]).map((value, index) => value + (sum[index] ?? 0));
  };
  for (const each of [...all(books), ...books.forgotten]) {
    const { tenant, template, reservedAt, settlement } = each;
    const [month, day] = [monthOf(reservedAt), dayOf(reservedAt)];
    const used = usage(each);
    for (const key of ["/stack/", `/tenant/${tenant}`, `/template/${template}`]) {
      add(`${month}/${key}`, [held(each), ...used]);
    }
    for (const key of [`/day/${day}`, `${tenant}/day/${day}`, `${tenant}/template/${template}`]) {
      add(`${month}/${key}`, [0, ...used]);
    }
    if (settlement) {
      for (const owner of ["", tenant]) add(`${month}/${owner}/model/${settlement.model}`, [0, ...used]);
    }
  }
  return Object.fromEntries(Object.entries(result).filter(([, sum]) => sum.some((value) => value !== 0)));
}

/** reserved, spent, expired, excess, calls, cached, input tokens, output tokens */
export type Sum = readonly number[];

function usage(call: ModelCall): Sum {
  const { settlement } = call;
  if (!settlement) return [spent(call), spent(call), 0, 0, 0, 0, 0];
  const { cost, cached, inputTokens, outputTokens } = settlement;
  return [cost, 0, Math.max(cost - call.worstCase, 0), 1, cached ? 1 : 0, inputTokens, outputTokens];
}

function held(call: ModelCall): NanoDollars {
  return call.state === "reserved" ? call.worstCase : 0;
}

function spent(call: ModelCall): NanoDollars {
  if (call.state === "expired") return call.worstCase;
  return call.settlement?.cost ?? 0;
}

function all(books: Books): ModelCall[] {
  return [...books.calls.values()];
}

function write(books: Books, call: ModelCall): Books {
  return { ...books, calls: new Map(books.calls).set(call.callId, call) };
}
