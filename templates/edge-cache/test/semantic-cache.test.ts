import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { colo } from "../src/cache/colo-level.ts";
import worker from "../src/index.ts";
import { all, api, asking, callsWith, forgetMemory, keyOf, migrate, newQuestion, openai } from "./harness.ts";
import {
  askWith,
  conversation,
  embeddingsOf,
  explained,
  fault,
  forget,
  indexed,
  noFaults,
} from "./semantic-harness.ts";

const KETTLE = "How do I descale a kettle?";
const POLITE = "Please tell me how to descale a kettle";
const OTHER_WORDS = "What gets the limescale out of a kettle?";
/** An answer that is long enough to prove something. */
const VINEGAR =
  "Fill the kettle with equal parts of white vinegar and water, boil it, wait thirty minutes, then rinse well.";

let ann = "";
let bob = "";

beforeAll(async () => {
  await migrate();
  [ann, bob] = [await keyOf("sem-ann"), await keyOf("sem-bob")];
});
afterEach(noFaults);

const post = (path: string, body: object, key = ann) => api("POST", path, { body, key });
const requestOf = ({ headers }: { headers: Headers }) => headers.get("x-request-id") ?? "";
const keyIn = ({ headers }: { headers: Headers }) => headers.get("x-cache-key") ?? "";

describe("a question that means the same as a kept one", () => {
  it("is answered from it, and says so, for the price of one embedding, once", async () => {
    const tenant = "sem-price";
    const talk = conversation(await keyOf(tenant));
    const first = await talk.ask(KETTLE);
    expect(first.cache).toBe("miss");
    await indexed(first);
    const polite = await talk.ask(POLITE);
    expect(polite).toMatchObject({ status: 200, cache: "hit-semantic", text: first.text });
    const { headers } = polite;
    expect(Number(headers.get("x-cache-similarity"))).toBeGreaterThan(0.7);
    expect(Number(headers.get("age"))).toBeGreaterThanOrEqual(0);
    expect(keyIn(polite)).toBe(keyIn(first));
    expect(Number(headers.get("x-cost-usd"))).toBeGreaterThan(0);
    expect(Number(headers.get("x-saved-usd"))).toBeGreaterThan(Number(headers.get("x-cost-usd")));
    const again = await talk.ask(POLITE);
    expect(again).toMatchObject({ cache: "hit-semantic", text: first.text });
    expect(again.headers.get("x-cost-usd")).toBe("0");
    expect(await callsWith(talk.id)).toBe(1);
    expect(await embeddingsOf(tenant)).toBe(2);
    const stats = await (await api("GET", "/stats", { key: talk.key })).json<{ hits: number; misses: number }>();
    expect(stats).toMatchObject({ hits: 2, misses: 1 });
    expect(await explained(polite, talk.key)).toMatchObject({
      outcome: "hit-semantic",
      served: keyIn(first),
      candidates: [{ key: keyIn(first), state: "served", verdict: "same", reasons: [] }],
    });
    expect(await explained(again, talk.key)).toMatchObject({ outcome: "hit-semantic", served: keyIn(first) });
  });

  it("is looked for once by all who ask it at the same moment", async () => {
    const tenant = "sem-many";
    const talk = conversation(await keyOf(tenant));
    await indexed(await talk.ask(KETTLE));
    const answers = await Promise.all(Array.from({ length: 30 }, () => talk.ask(POLITE)));
    expect(new Set(answers.map(({ cache }) => cache))).toEqual(new Set(["hit-semantic"]));
    expect(answers.filter(({ headers }) => headers.get("x-cost-usd") !== "0")).toHaveLength(1);
    expect([await embeddingsOf(tenant), await callsWith(talk.id)]).toEqual([2, 1]);
  });

  it("gets a stream as it came, and the short way its similarity", async () => {
    const system = { role: "system" as const, content: newQuestion("You are") };
    const stream = async (content: string) => {
      const messages = [system, { role: "user" as const, content }];
      const request = { model: "auto", messages, stream: true as const };
      const { data, response } = await openai(ann).chat.completions.create(request).withResponse();
      return { chunks: await all(data), headers: response.headers };
    };
    const first = await stream(KETTLE);
    await indexed(first);
    const polite = await stream(POLITE);
    expect(polite.headers.get("x-cache")).toBe("hit-semantic");
    expect(polite.chunks).toEqual(first.chunks);
    const chat = async (prompt: string) => (await post("/chat", { prompt, system: system.content })).json();
    expect(await chat("Could you please tell me how to descale a kettle?")).toMatchObject({
      cached: true,
      similarity: expect.closeTo(0.9, 0),
    });
  });

  it("is enough for a request that wants nothing but a kept answer", async () => {
    const talk = conversation(ann);
    await indexed(await talk.ask(KETTLE));
    const only = { headers: { "cache-control": "only-if-cached" } };
    expect(await talk.ask(POLITE, only)).toMatchObject({ cache: "hit-semantic" });
    expect(await talk.ask("How do I descale an iron?", only)).toMatchObject({ status: 504 });
    expect(await callsWith(talk.id)).toBe(1);
  });

  it("is not looked for where the request does not want it, nor found", async () => {
    const talk = conversation(ann);
    const off = { headers: { "x-cache-semantic": "off" } };
    await talk.ask("What is a CDN?", off);
    await indexed(await talk.ask(KETTLE));
    expect(await talk.ask("Please tell me what a CDN is")).toMatchObject({ cache: "miss" });
    expect(await talk.ask(POLITE, off)).toMatchObject({ cache: "miss" });
    const fresh = await talk.ask("how can I descale a kettle?", { headers: { "cache-control": "no-cache" } });
    expect(fresh).toMatchObject({ cache: "miss" });
  });
});

describe("another question", () => {
  it.each([
    [
      "another thing, a condition, a denial",
      ["How do I descale an iron?", `${KETTLE.slice(0, -1)} without vinegar?`, "How do I not descale a kettle?"],
    ],
    [
      "letters that look alike, are not seen, or are of full width",
      [
        "How do I descale a k\u0435ttle?",
        "How do I descale a ket\u200Btle?",
        "Ｈｏｗ ｄｏ Ｉ ｄｅｓｃａｌｅ ａ ｋｅｔｔｌｅ?",
      ],
    ],
  ])("is one with %s", async (_, others) => {
    const talk = conversation(ann);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const answers = await Promise.all(others.map((other) => talk.ask(other)));
    expect(answers.map(({ status, cache }) => `${status} ${cache}`)).toEqual(others.map(() => "200 miss"));
    for (const answer of answers) {
      const known = (await explained(answer, ann)).candidates.find(({ key }) => key === keyIn(first));
      // One in other letters may not even be near.
      if (!known) continue;
      expect(["no", "open"]).toContain(known.state);
      expect(known.reasons.length).toBeGreaterThan(0);
    }
  });

  it("is what follows another conversation, another system message or other parameters", async () => {
    const talk = conversation(ann);
    await indexed(await talk.ask(KETTLE));
    const user = { role: "user", content: POLITE };
    const before = [
      { role: "user", content: "I have a copper one." },
      { role: "assistant", content: "I see." },
    ];
    const others = [
      { messages: [talk.system, ...before, user] },
      { messages: [{ ...talk.system, content: `${talk.system.content} Be terse.` }, user] },
      { messages: [user] },
      { messages: [talk.system, { ...user, name: "eve" }] },
      { temperature: 0.3 },
      { max_tokens: 100 },
      { response_format: { type: "json_object" } },
      { model: "@cf/meta/llama-3.1-8b-instruct-fast" },
    ];
    const answers = await Promise.all(others.map((other) => talk.ask(POLITE, other)));
    expect(answers.map(({ cache }) => cache)).toEqual(others.map(() => "miss"));
  });

  it("is every question of another tenant, whatever its headers say, and whatever Vectorize says", async () => {
    const mine = conversation(ann);
    const first = await mine.ask(KETTLE);
    await indexed(first);
    const headers = {
      "x-tenant": "sem-ann",
      "x-cache-key": keyIn(first),
      "x-cache-similarity": "1",
      "x-forwarded-host": "sem-ann",
    };
    const asBob = (content: string) => askWith({}, [mine.system, { role: "user", content }], { key: bob, headers });
    expect(await asBob(POLITE)).toMatchObject({ cache: "miss" });
    // As if the namespace had leaked: the vector lies in the other tenant's, the frame is right.
    const [{ values } = { values: [] }] = await env.QUESTIONS.getByIds([keyIn(first)]);
    const theirs = await asBob("how can I descale a kettle?");
    const row = await env.DB.prepare("SELECT frame FROM questions WHERE tenant = 'sem-bob' AND key = ?1")
      .bind(keyIn(theirs))
      .first<{ frame: string }>();
    await env.QUESTIONS.upsert([
      { id: keyIn(first), values: [...values], namespace: "sem-bob", metadata: { frame: row?.frame ?? "" } },
    ]);
    const leaked = await asBob("Tell me, how does one descale a kettle, please?");
    expect(leaked.text).not.toBe(first.text);
    const { candidates } = await explained(leaked, bob);
    expect(candidates).toContainEqual(expect.objectContaining({ key: keyIn(first), state: "gone" }));
    // And as if the row had leaked, too: no answer lies under it for this tenant.
    await env.DB.prepare(
      "INSERT INTO questions SELECT 'sem-bob', key, ?2, text, generations, expires_at, 0, 0 FROM questions WHERE tenant = 'sem-ann' AND key = ?1",
    )
      .bind(keyIn(first), row?.frame)
      .run();
    const deeper = await asBob("Hello, how should one descale a kettle?");
    expect(deeper.text).not.toBe(first.text);
    expect((await api("GET", `/v1/cache/explain?request_id=${requestOf(deeper)}`, { key: ann })).status).toBe(404);
    expect((await api("GET", `/v1/cache/explain?key=${keyIn(first)}`, { key: bob })).status).toBe(404);
    expect((await post("/v1/cache/wrong", { request_id: requestOf(deeper) })).status).toBe(404);
  });
});

describe("a purge", () => {
  it.each([
    ["of the key", (key: string) => ({ keys: [key] })],
    ["of the tag", () => ({ tags: ["kettles"] })],
    ["of all", () => ({ all: true })],
  ])("%s ends what was served for alike questions, and forgets the words", async (_, scopes) => {
    const tenant = `sem-purge-${crypto.randomUUID().slice(0, 8)}`;
    const talk = conversation(await keyOf(tenant));
    const first = await talk.ask(KETTLE, { headers: { "x-cache-tags": "kettles" } });
    await indexed(first);
    const polite = await talk.ask(POLITE);
    expect(polite).toMatchObject({ cache: "hit-semantic" });
    await explained(polite, talk.key);
    await post("/v1/cache/purge", scopes(keyIn(first)), talk.key);
    const explanations = await env.DB.prepare("SELECT key FROM explanations WHERE tenant = ?1").bind(tenant).all();
    expect(explanations.results).toEqual([]);
    const { results } = await env.DB.prepare("SELECT text FROM questions WHERE tenant = ?1").bind(tenant).all();
    expect(results).toEqual([{ text: "" }]);
    expect(await talk.ask(POLITE)).toMatchObject({ cache: "miss" });
    await worker.scheduled(createScheduledController(), env);
    await vi.waitFor(async () => expect(await env.QUESTIONS.getByIds([keyIn(first)])).toEqual([]), 30_000);
  });
});

describe("an open pair", () => {
  it("that has equal answers becomes an alias: an exact hit where its own answer is gone", async () => {
    const talk = conversation(ann, `[[say:${VINEGAR}]]`);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const other = await talk.ask(OTHER_WORDS);
    expect(other).toMatchObject({ cache: "miss", text: VINEGAR });
    await vi.waitFor(
      async () =>
        expect(await explained(other, ann)).toMatchObject({
          outcome: "miss",
          learned: { kind: "open", answers: "equal", judged: null, result: "same" },
          learned_pairs: [{ key: keyIn(first), verdict: "same", proof: "answers" }],
        }),
      30_000,
    );
    await indexed(other);
    await forget("sem-ann", keyIn(other));
    const calls = await callsWith(talk.id);
    const again = [talk.system, { role: "user", content: OTHER_WORDS }];
    const alias = await askWith({}, again, { key: ann });
    expect(alias).toMatchObject({ cache: "hit-exact", text: VINEGAR });
    expect([keyIn(alias), alias.headers.get("x-cost-usd")]).toEqual([keyIn(first), "0"]);
    const copy = () => colo.get("sem-ann", keyIn(other));
    await vi.waitFor(async () => expect(await copy()).toContain(`"alike":{"key":"${keyIn(first)}"`), 30_000);
    expect(await talk.ask(OTHER_WORDS)).toMatchObject({ cache: "hit-exact" });
    expect(await callsWith(talk.id)).toBe(calls);
    expect(await explained(alias, ann)).toMatchObject({ served: keyIn(first), candidates: [{ state: "learned" }] });
    // What was learned is forgotten with the answer.
    await post("/v1/cache/purge", { keys: [keyIn(first)] });
    expect(await askWith({}, again, { key: ann })).toMatchObject({ cache: "miss" });
  });

  it("that has different answers is never tried again", async () => {
    const talk = conversation(ann);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const other = await talk.ask("How do I descale an iron?");
    await vi.waitFor(
      async () =>
        expect(await explained(other, ann)).toMatchObject({ learned: { answers: "different", result: "different" } }),
      30_000,
    );
    await forget("sem-ann", keyIn(other));
    const messages = [talk.system, { role: "user", content: "How do I descale an iron?" }];
    const again = await askWith({}, messages, { key: ann });
    expect(again).toMatchObject({ cache: "miss" });
    expect((await explained(again, ann)).candidates).toContainEqual(
      expect.objectContaining({ key: keyIn(first), state: "blocked" }),
    );
  });

  it.each([
    ["yes", "same"],
    ["no", "different"],
    ["maybe", "open"],
  ])("is put to a judge where the settings say so, who says %s", async (says, result) => {
    // An answer of one word proves nothing.
    const talk = conversation(ann, "[[say:Vinegar.]]");
    const ask = (content: string) =>
      askWith({ judge: true }, [talk.system, { role: "user", content: `${content} [[judge:${says}]]` }], { key: ann });
    const first = await ask(KETTLE);
    await indexed(first);
    const other = await ask(OTHER_WORDS);
    await vi.waitFor(
      async () =>
        expect(await explained(other, ann)).toMatchObject({
          learned: { answers: "open", judged: says === "maybe" ? null : says === "yes", result },
        }),
      30_000,
    );
  });
});

describe("a hit that was wrong", () => {
  it("is reported once and never served for that question again; nor is that answer for others", async () => {
    const talk = conversation(ann);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const polite = await talk.ask(POLITE);
    expect(polite.cache).toBe("hit-semantic");
    await explained(polite, ann);
    const report = { request_id: requestOf(polite) };
    expect((await post("/v1/cache/wrong", report, bob)).status).toBe(404);
    expect(await (await post("/v1/cache/wrong", report)).json()).toMatchObject({
      served: keyIn(first),
      within_seconds: 5,
    });
    expect((await post("/v1/cache/wrong", report)).status).toBe(200);
    const own = await talk.ask(POLITE);
    expect(own).toMatchObject({ cache: "miss" });
    expect(own.text).not.toBe(first.text);
    expect((await explained(own, ann)).candidates).toContainEqual(expect.objectContaining({ state: "blocked" }));
    const counts = await env.DB.prepare("SELECT wrong_count FROM questions WHERE key = ?1").bind(keyIn(first)).first();
    expect(counts).toEqual({ wrong_count: 1 });
    const third = await talk.ask("how can I descale a kettle?");
    const stopped = (await explained(third, ann)).candidates.find(({ key }) => key === keyIn(first));
    expect(stopped).toMatchObject({ state: "stopped" });
    expect(third.text).not.toBe(first.text);
    expect(await talk.ask(KETTLE)).toMatchObject({ cache: "hit-exact", text: first.text });
    expect((await post("/v1/cache/wrong", { request_id: requestOf(own) })).status).toBe(409);
    // Whose answer was wrong may still be answered from another.
    const fresh = await talk.ask("Tell me how to descale a kettle.", { headers: { "cache-control": "no-cache" } });
    await indexed(fresh);
    await forget("sem-ann", keyIn(first));
    const kept = await askWith({}, [talk.system, { role: "user", content: KETTLE }], { key: ann });
    expect(kept).toMatchObject({ cache: "hit-semantic" });
    expect(keyIn(kept)).not.toBe(keyIn(own));
  });

  it("is found by asking a share of them again, and the right answer takes its place", async () => {
    const talk = conversation(ann);
    const messages = (content: string) => [talk.system, { role: "user", content }];
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const polite = await askWith({ verifyShare: 1 }, messages(POLITE), { key: ann });
    expect(polite).toMatchObject({ cache: "hit-semantic", text: first.text });
    await vi.waitFor(
      async () =>
        expect(await explained(polite, ann)).toMatchObject({ learned: { kind: "verified", result: "different" } }),
      30_000,
    );
    expect(await callsWith(talk.id)).toBe(2);
    forgetMemory();
    const own = await talk.ask(POLITE);
    expect(own.cache).toBe("hit-exact");
    expect(own.text).not.toBe(first.text);
  });

  it("counts for the answer where it proves right", async () => {
    const talk = conversation(ann, `[[say:${VINEGAR}]]`);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const polite = await askWith({ verifyShare: 1 }, [talk.system, { role: "user", content: POLITE }], { key: ann });
    await vi.waitFor(
      async () => expect(await explained(polite, ann)).toMatchObject({ learned: { kind: "verified", result: "same" } }),
      30_000,
    );
    const counts = "SELECT right_count AS good, wrong_count AS bad FROM questions WHERE key = ?1";
    expect(await env.DB.prepare(counts).bind(keyIn(first)).first()).toEqual({ good: 1, bad: 0 });
  });
});

describe("when it cannot be told in time", () => {
  it("the models are asked while Vectorize is away, and exact answers are served", async () => {
    const talk = conversation(ann);
    await indexed(await talk.ask(KETTLE));
    await fault("vectorize", { kind: "fail", status: 500 });
    const polite = await talk.ask(POLITE);
    expect(polite).toMatchObject({ status: 200, cache: "miss" });
    expect((await explained(polite, ann)).why).toMatch(/could not be looked for/);
    expect(await talk.ask(POLITE)).toMatchObject({ cache: "hit-exact" });
    expect(await talk.ask(KETTLE)).toMatchObject({ cache: "hit-exact" });
  });

  it("so they are while the embedding model is away", async () => {
    const talk = conversation(ann);
    await indexed(await talk.ask(KETTLE));
    await fault("workers-ai", { kind: "fail", target: "@cf/baai/bge-base-en-v1.5", status: 500 });
    expect(await talk.ask(POLITE)).toMatchObject({ status: 200, cache: "miss" });
  });

  it("nobody waits longer than the settings say, and what comes late is learned from", async () => {
    const talk = conversation(ann, `[[say:${VINEGAR}]]`);
    await indexed(await talk.ask(KETTLE));
    await fault("workers-ai", { kind: "slow", target: "@cf/baai/bge-base-en-v1.5", ms: 300, count: 1 });
    const messages = [talk.system, { role: "user", content: OTHER_WORDS }];
    const late = await askWith({ waitMs: 10 }, messages, { key: ann });
    expect(late).toMatchObject({ cache: "miss" });
    await vi.waitFor(
      async () =>
        expect(await explained(late, ann)).toMatchObject({
          why: expect.stringMatching(/within 10 ms/),
          learned: { result: "same" },
        }),
      30_000,
    );
  });
});

describe("the mode", () => {
  it("shadow asks the models all the same, says what would have been served, and proves it", async () => {
    const tenant = "sem-shadow";
    const talk = conversation(await keyOf(tenant), `[[say:${VINEGAR}]]`);
    const first = await talk.ask(KETTLE);
    await indexed(first);
    const messages = [talk.system, { role: "user", content: POLITE }];
    const polite = await askWith({ mode: "shadow" }, messages, { key: talk.key });
    expect(polite).toMatchObject({ cache: "miss", text: VINEGAR });
    await vi.waitFor(
      async () =>
        expect(await explained(polite, talk.key)).toMatchObject({
          outcome: "miss",
          served: keyIn(first),
          candidates: [{ state: "would-serve" }],
          learned: { kind: "shadow", result: "same" },
        }),
      30_000,
    );
    expect(await callsWith(talk.id)).toBe(2);
    const { counts } = await (await api("GET", "/v1/cache/semantic", { key: talk.key })).json<{ counts: object }>();
    expect(counts).toMatchObject({ "shadow-hit": 1, "verified-right": 1 });
    expect(counts).not.toHaveProperty("hit");
    expect((await post("/v1/cache/wrong", { request_id: requestOf(polite) }, talk.key)).status).toBe(409);
  });

  it("off neither looks nor pays, and serves no copy that was made before", async () => {
    const tenant = "sem-off";
    const talk = conversation(await keyOf(tenant));
    await indexed(await talk.ask(KETTLE));
    expect(await talk.ask(POLITE)).toMatchObject({ cache: "hit-semantic" });
    const before = await embeddingsOf(tenant);
    const off = await askWith({ mode: "off" }, [talk.system, { role: "user", content: POLITE }], { key: talk.key });
    expect(off).toMatchObject({ cache: "miss" });
    expect(await embeddingsOf(tenant)).toBe(before);
  });
});

describe("the policy", () => {
  it.each([
    ["personal", "my name is Ann, hello"],
    ["secret", "what is wrong with sk-proj-abcdefghijklmnop1234567890"],
    ["live", "what is the weather in Oslo"],
    ["creative", "write a poem about rain"],
  ])("lets %s past every level, and says so", async (reason, words) => {
    const tenant = `sem-policy-${reason}`;
    const key = await keyOf(tenant);
    const question = newQuestion(words);
    const talk = conversation(key);
    for (const calls of [1, 2]) {
      const answer = await talk.ask(question);
      expect([answer.cache, answer.headers.get("x-cache-bypass")]).toEqual(["bypass", reason]);
      expect(await callsWith(talk.id)).toBe(calls);
      expect(await explained(answer, key)).toMatchObject({ outcome: "bypass", key: null, candidates: [] });
    }
    expect((await env.ANSWERS.list({ prefix: `answer/${tenant}/` })).keys).toEqual([]);
    const rows = await env.DB.prepare("SELECT count(*) AS count FROM questions WHERE tenant = ?1").bind(tenant).first();
    expect([rows, await embeddingsOf(tenant)]).toEqual([{ count: 0 }, 0]);
  });
});

it("explains a kept answer by its key, and says what it wants to know", async () => {
  const question = newQuestion();
  const { headers } = await openai(ann).chat.completions.create(asking(question)).asResponse();
  const byKey = await api("GET", `/v1/cache/explain?key=${headers.get("x-cache-key")}`, { key: ann });
  expect(await byKey.json()).toMatchObject({ kept: { state: "fresh", answers_for: null } });
  expect((await api("GET", "/v1/cache/explain", { key: ann })).status).toBe(400);
  expect((await api("GET", "/v1/cache/explain?request_id=req_unknown", { key: ann })).status).toBe(404);
});
