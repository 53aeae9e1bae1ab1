import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { load } from "./load-provider.ts";
import { monthlyCap, type SpendRule, spendCapProvider } from "./spend-cap.ts";

const TEN = monthlyCap(10);
const GATEWAY = {
  id: "g",
  created_at: "2026-11-01T00:00:00Z",
  modified_at: "2026-11-01T00:00:00Z",
  is_default: false,
  authentication: true,
  cache_ttl: 60,
  collect_logs: true,
  log_management: null,
  otel: [{ url: "https://otel.example", headers: { authorization: "hidden" } }],
};

let gateway: Record<string, unknown> | undefined;
let sent: Record<string, unknown>[];
/** What the cloud makes of a PUT. */
let onPut: (body: Record<string, unknown>) => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  gateway = { ...GATEWAY, spend_limits: null };
  sent = [];
  onPut = (body) => {
    gateway = { ...GATEWAY, ...body };
  };
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    expect(url).toBe("http://cloud.invalid/client/v4/accounts/a/ai-gateway/gateways/g");
    if (method === "PUT") {
      const json = JSON.parse(body ?? "") as Record<string, unknown>; // sent by the provider
      sent.push(json);
      onPut(json);
    }
    if (!gateway) return Response.json({ success: false }, { status: 404 });
    return Response.json({ success: true, result: gateway });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const properties = (rule: SpendRule = TEN, gatewaySettings: Record<string, unknown> = { cacheTtl: 60 }) => ({
  accountId: "a",
  gatewayId: "g",
  rule,
  gatewaySettings,
});
const hasRules = (...rules: object[]) => {
  gateway = { ...GATEWAY, spend_limits: { enabled: true, rules } };
};

/** Waits for what pauses in between. */
async function running<T>(work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => {},
    () => {},
  );
  await Promise.all([ended, vi.advanceTimersByTimeAsync(10_000)]);
  return work;
}

describe("monthlyCap", () => {
  it.each([
    [10, "monthly-usd-10"],
    [100_000, "monthly-usd-100000"],
    [2.5, "monthly-usd-2-5"],
    [0.1 + 0.2, "monthly-usd-0-3"],
    [1e-7, "monthly-usd-0-0000001"],
  ])("$%d: the id is %s", (amount, id) => {
    expect(monthlyCap(amount)).toMatchObject({ id, limitType: "cost", window: 2_592_000, enabled: true });
  });

  it.each([0, -1, 1e-12, Number.NaN])("refuses $%d", (amount) => {
    expect(() => monthlyCap(amount)).toThrow(/^budget\.monthlyUsd: .* is not above zero$/);
  });
});

describe("SpendCap", () => {
  it("leaves a gateway alone whose cap is on", async () => {
    hasRules({ ...TEN, model: null, provider: null, metadata: {} });
    const provider = await load(spendCapProvider);
    expect(await running(provider.create(properties()))).toEqual({ id: "g", outs: properties() });
    expect(sent).toEqual([]);
  });

  it("puts the cap on where the creation ignored it, and loses nothing else of the gateway", async () => {
    const provider = await load(spendCapProvider);
    await running(provider.create(properties()));
    expect(sent).toEqual([
      {
        authentication: true,
        cache_ttl: 60,
        collect_logs: true,
        otel: GATEWAY.otel,
        spend_limits: { enabled: true, rules: [TEN] },
      },
    ]);
  });

  it.each<[string, object[]]>([
    ["has another amount", [monthlyCap(20)]],
    ["has another amount under the same id", [{ ...TEN, limit: 1000 }]],
    ["is off", [{ ...TEN, enabled: false }]],
    ["counts another window", [{ ...TEN, window: 60 }]],
    ["holds for one model only", [{ ...TEN, model: { mode: "filter", values: ["x"] } }]],
    ["is counted for each value of a key", [{ ...TEN, metadata: { tenant: { mode: "partition" } } }]],
    ["stands beside an older one", [monthlyCap(5), TEN]],
  ])("puts it right where it %s", async (_, rules) => {
    const other = { id: "by-hand", enabled: true, limitType: "cost", limit: 1, window: 60, technique: "sliding" };
    hasRules(...rules, other);
    const provider = await load(spendCapProvider);
    await running(provider.update?.("g", properties(), properties()) ?? Promise.reject(new Error("no update")));
    expect(sent.map((body) => body["spend_limits"])).toEqual([{ enabled: true, rules: [other, TEN] }]);
  });

  it("fails when the cap is not on although it was set, and says what there is", async () => {
    onPut = () => {};
    const provider = await load(spendCapProvider);
    const failure = running(provider.create(properties()));
    await expect(failure).rejects.toThrow(
      "AI Gateway g: the spend limit of $10 in 30 days was set and is not in force (it is off). No Worker was deployed",
    );
    expect(sent).toHaveLength(1);
  });

  it("fails when the gateway keeps a higher amount", async () => {
    hasRules({ ...TEN, limit: 1000 });
    onPut = () => {};
    const provider = await load(spendCapProvider);
    await expect(running(provider.create(properties()))).rejects.toThrow('"limit":1000');
  });

  it("gives the cloud a moment to show what was set", async () => {
    onPut = (body) => {
      setTimeout(() => {
        gateway = { ...GATEWAY, ...body };
      }, 300);
    };
    const provider = await load(spendCapProvider);
    await expect(running(provider.create(properties()))).resolves.toMatchObject({ id: "g" });
  });

  it("fails when the gateway is gone", async () => {
    gateway = undefined;
    const provider = await load(spendCapProvider);
    await expect(running(provider.create(properties()))).rejects.toThrow("AI Gateway g is gone: run a refresh");
  });

  it.each<[string, SpendRule, Record<string, unknown>, { changes: boolean; replaces: string[] }]>([
    ["nothing", TEN, { cacheTtl: 60 }, { changes: false, replaces: [] }],
    ["the amount", monthlyCap(20), { cacheTtl: 60 }, { changes: true, replaces: [] }],
    ["the gateway's settings", TEN, { cacheTtl: 0 }, { changes: true, replaces: [] }],
  ])("changed %s: is verified anew where something changed, in place", async (_, rule, settings, expected) => {
    const provider = await load(spendCapProvider);
    expect(await provider.diff?.("g", properties(), properties(rule, settings))).toEqual(expected);
  });

  it("is another one for another gateway", async () => {
    const provider = await load(spendCapProvider);
    expect(await provider.diff?.("g", properties(), { ...properties(), gatewayId: "h" })).toEqual({
      changes: true,
      replaces: ["gatewayId"],
    });
  });

  it("sees nothing on a refresh when the cap is on", async () => {
    hasRules(TEN);
    const provider = await load(spendCapProvider);
    expect(await provider.read?.("g", properties())).toEqual({ id: "g", props: properties(), inputs: properties() });
  });

  it.each<[string, () => void, object]>([
    ["removed", () => hasRules(), { enabled: false }],
    ["raised", () => hasRules({ ...TEN, limit: 1000 }), { limit: 1000 }],
    [
      "switched off",
      () => {
        gateway = { ...GATEWAY, spend_limits: { enabled: false, rules: [TEN] } };
      },
      { enabled: false },
    ],
  ])("sees on a refresh a cap that was %s by hand, and the next update changes it", async (_, spoil, expected) => {
    spoil();
    const provider = await load(spendCapProvider);
    const observed = await provider.read?.("g", properties());
    expect(observed?.inputs).toMatchObject({ rule: expected });
    expect(await provider.diff?.("g", observed?.props, properties())).toMatchObject({ changes: true, replaces: [] });
  });

  it("is gone with its gateway, and takes nothing along when it goes", async () => {
    gateway = undefined;
    const provider = await load(spendCapProvider);
    expect(await provider.read?.("g", properties())).toEqual({ id: "", props: {} });
    expect(provider.delete).toBeUndefined();
  });
});
