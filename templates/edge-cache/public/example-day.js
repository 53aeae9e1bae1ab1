/** A made-up day of a help desk, in the form of `GET /v1/analytics`: what the page shows before there is anything. */
export function exampleDay(now) {
  const span = 15 * 60_000;
  const to = Math.ceil(now / span) * span;
  const points = [];
  const kinds = [];
  for (let step = 0; step < 96; step++) {
    const at = new Date(to - (96 - step) * span).toISOString();
    // Few at night, most around noon; the cache fills in the morning.
    const busy = 14 + 120 * Math.exp(-(((step - 50) / 20) ** 2)) + 9 * Math.sin(step * 1.7);
    const learned = 0.35 + 0.5 * Math.min(1, step / 40);
    const figures = {
      "hit-exact": Math.round(busy * learned * 0.68),
      "hit-semantic": Math.round(busy * learned * 0.27),
      coalesced: Math.round(busy * 0.04),
      stale: step % 6 === 0 ? 2 : 0,
      miss: Math.round(busy * (1 - learned) * 0.9),
      bypass: Math.round(busy * 0.03),
      error: step === 38 || step === 39 ? 6 : 0,
    };
    const cost = 0.00019;
    for (const [name, requests] of Object.entries(figures)) {
      if (requests === 0) continue;
      const paid = name === "miss" || name === "bypass";
      const saved = paid || name === "error" ? 0 : requests * cost;
      const tokens = paid ? requests : 0;
      points.push({
        ...point(at, name, requests),
        cost_usd: paid ? requests * cost : 0,
        saved_usd: saved,
        input_tokens: tokens * 310,
        output_tokens: tokens * 190,
      });
    }
    const swing = 1 + 0.3 * Math.sin(step / 5);
    kinds.push({ ...point(at, "hit", 1), p50_ms: 3.5 * swing, p95_ms: 11 * swing });
    kinds.push({ ...point(at, "miss", 1), p50_ms: 1_150 * swing, p95_ms: 3_900 * swing });
  }
  const of = (...names) => points.filter(({ name }) => names.length === 0 || names.includes(name));
  const sum = (list, field) => list.reduce((total, each) => total + each[field], 0);
  const hits = sum(of("hit-exact", "hit-semantic", "coalesced", "stale"), "requests");
  const misses = sum(of("miss"), "requests");
  const total = {
    requests: sum(points, "requests"),
    hits,
    misses,
    bypassed: sum(of("bypass"), "requests"),
    errors: sum(of("error"), "requests"),
    hit_rate: hits / (hits + misses),
    cost_usd: sum(points, "cost_usd"),
    saved_usd: sum(points, "saved_usd"),
    input_tokens: sum(points, "input_tokens"),
    output_tokens: sum(points, "output_tokens"),
    p50_ms: 4,
    p95_ms: 1_740,
    p99_ms: 4_240,
  };
  const part = (name, share, rate) => ({
    ...total,
    name,
    requests: Math.round(total.requests * share),
    hit_rate: rate,
    cost_usd: total.cost_usd * share,
    saved_usd: total.saved_usd * share,
  });
  const frame = { from: new Date(to - 96 * span).toISOString(), to: new Date(to).toISOString(), step: "15m", total };
  return {
    outcome: { ...frame, names: [], points },
    kind: {
      ...frame,
      names: [
        { ...total, name: "hit", p50_ms: 3.5, p95_ms: 12 },
        { ...total, name: "miss", p50_ms: 1_200, p95_ms: 4_240 },
      ],
      points: kinds,
    },
    model: { names: [part("the primary model", 0.94, 0.8), part("the fallback", 0.06, 0)] },
    tenant: { names: [part("help-desk", 0.61, 0.86), part("shop", 0.3, 0.74), part("intern", 0.09, 0.42)] },
    code: {
      names: [
        { ...part("model_unavailable", 0), requests: 9 },
        { ...part("timeout", 0), requests: 3 },
      ],
    },
    questions: {
      enabled: true,
      questions: [
        { question: "How do I reset my password?", hits: 412, saved_usd: 0.078 },
        { question: "Where is my parcel?", hits: 288, saved_usd: 0.055 },
        { question: "Can I change the address of an order?", hits: 131, saved_usd: 0.025 },
      ],
    },
    experiments: null,
  };
}

function point(at, name, requests) {
  return {
    at,
    name,
    requests,
    cost_usd: 0,
    saved_usd: 0,
    input_tokens: 0,
    output_tokens: 0,
    p50_ms: null,
    p95_ms: null,
  };
}
