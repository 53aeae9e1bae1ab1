import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../../../testing/test-cloud.ts";

const MODEL = "@cf/meta/llama-3.1-8b-instruct-fast";
/** Does what the test says, and answers what came of it. */
const WORKER = `export default { async fetch(request, env) {
  const { act, args, gateway = "main" } = await request.json();
  const pass = async (response) => Response.json({
    status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() });
  try {
    switch (act) {
      case "run": {
        const answer = await env.AI.run(...args);
        const body = answer instanceof ReadableStream ? await new Response(answer).text() : answer;
        return Response.json({ body, logId: env.AI.aiGatewayLogId });
      }
      case "gateway": return await pass(await env.AI.gateway(gateway).run(...args));
      case "fetch": return await pass(await fetch(...args));
      default: return Response.json({ result: await env.AI.gateway(gateway)[act](...args) ?? null });
    }
  } catch (error) { return Response.json({ error: error.name + ": " + error.message }); }
} }`;

interface Came {
  status: number;
  headers: Record<string, string>;
  body: string & { response: string };
  logId: string;
  result: Record<string, unknown> & string;
  error: string;
}

let cloud: TestCloud;
let account_id: string;
let url: string;
let prompts = 0;
const settings = {
  cache_invalidate_on_update: false,
  cache_ttl: 0,
  collect_logs: true,
  rate_limiting_interval: 0,
  rate_limiting_limit: 0,
};

beforeAll(async () => {
  cloud = await startTestCloud();
  account_id = cloud.accountId;
  const { client } = cloud;
  await client.aiGateway.create({ account_id, id: "main", ...settings });
  await client.aiGateway.create({ account_id, id: "closed", ...settings, authentication: true });
  await client.aiGateway.create({ account_id, id: "poor", ...settings });
  // The SDK's types do not have spend limits yet.
  await client.aiGateway.update("poor", {
    account_id,
    ...settings,
    spend_limits: {
      enabled: true,
      rules: [{ id: "cap", enabled: true, limitType: "cost", limit: 1e-9, window: 2_592_000, technique: "fixed" }],
    },
  } as never);
  const uploaded = await cloud.upload("w", WORKER, [{ type: "ai", name: "AI" }]);
  if (!uploaded.ok) throw new Error(await uploaded.text());
  url = cloud.cloud.workerUrl(account_id, "w") ?? "";
});
afterAll(() => cloud.close());
beforeEach(() => cloud.setFaults());

const act = async (name: string, args: unknown[], gateway?: string): Promise<Came> => {
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ act: name, args, gateway }) });
  return (await response.json()) as Came;
};
const prompt = () => ({ prompt: `Hello ${prompts++}` });
const run = (inputs: object, gateway: object) => act("run", [MODEL, inputs, { gateway: { id: "main", ...gateway } }]);
const chat = (extra: object = {}) => ({
  provider: "compat",
  endpoint: "chat/completions",
  headers: {},
  query: { model: `workers-ai/${MODEL}`, messages: [{ role: "user", content: prompt().prompt }], ...extra },
});
const post = (target: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(target, { method: "POST", headers, body: JSON.stringify(body) });

it("runs a model through a gateway, and caches it for five minutes unless told not to, as seen at Cloudflare", async () => {
  const inputs = prompt();
  const first = await run(inputs, { metadata: { user: "u1" } });
  expect(first.body.response).toContain("[stand-in]");
  const log = async ({ logId }: Came) => (await act("getLog", [logId])).result;
  expect(await log(first)).toMatchObject({ cached: false, success: true, metadata: { user: "u1" }, model: MODEL });
  const second = await run(inputs, {});
  expect(second.body).toEqual(first.body);
  expect(await log(second)).toMatchObject({ cached: true, cost: 0 });
  expect(await log(await run(inputs, { skipCache: true }))).toMatchObject({ cached: false });
  cloud.cloud.clock.advance(300_000);
  expect(await log(await run(inputs, {}))).toMatchObject({ cached: false });
});

it("streams through the binding, and replays a stream as one", async () => {
  const inputs = { ...prompt(), stream: true };
  const first = await run(inputs, {});
  expect(first.body).toMatch(/^data: [\s\S]*data: \[DONE\]\n\n$/);
  expect((await run(inputs, {})).body).toBe(first.body);
});

it("throws what the gateway refuses, and says why", async () => {
  const errorOf = async (gateway: object) => (await run(prompt(), gateway)).error;
  expect(await errorOf({ id: "nobody" })).toMatch(/^AiGatewayError: 2001: /);
  expect(await errorOf({ cacheTtl: 5 })).toMatch(/^AiGatewayError: 7003: gateway\.cacheTtl must be/);
  expect(await errorOf({ retries: { maxAttempts: 6 } })).toMatch(
    /^AiGatewayError: 7003: gateway\.retries\.maxAttempts/,
  );
  await cloud.setFaults({ kind: "fail", status: 429, code: 3040, count: 1 });
  expect(await errorOf({ retries: { maxAttempts: 1 } })).toMatch(/^AiError: 3040: /);
});

it("tries again as the binding's options say", async () => {
  await cloud.setFaults({ kind: "fail", count: 2 });
  const { body } = await run(prompt(), { retries: { maxAttempts: 3, retryDelayMs: 1, backoff: "constant" } });
  expect(body.response).toContain("[stand-in]");
});

it("answers a universal request, with the step that answered", async () => {
  await cloud.setFaults({ kind: "fail", count: 1 });
  const came = await act("gateway", [[chat(), chat()], { gateway: { skipCache: true, eventId: "e1" } }]);
  expect([came.status, came.headers["cf-aig-step"], came.headers["cf-aig-event-id"]]).toEqual([200, "1", "e1"]);
  expect(came.headers).toMatchObject({ "cf-aig-provider": "workers-ai", "cf-aig-model": MODEL });
});

it("walks a dynamic route to its fallback", async () => {
  const to = (elementId: string) => ({ elementId });
  const model = (id: string, name: string, fallback: string) => ({
    id,
    type: "model",
    properties: { provider: "workers-ai", model: name, timeout: 5000, retries: 0 },
    outputs: { success: to("end"), fallback: to(fallback) },
  });
  const second = "@cf/mistralai/mistral-small-3.1-24b-instruct";
  await cloud.client.aiGateway.dynamicRouting.create("main", {
    account_id,
    name: "chat",
    // The SDK's types know no elements.
    elements: [
      { id: "start", type: "start", outputs: { next: to("a") } },
      model("a", MODEL, "b"),
      model("b", second, "end"),
      { id: "end", type: "end", outputs: {} },
    ] as never,
  });
  await cloud.setFaults({ kind: "fail", target: MODEL });
  const came = await act("gateway", [chat({ model: "dynamic/chat" })]);
  expect([came.status, came.headers["cf-aig-model"]]).toEqual([200, second]);
});

it("refuses over the spend limit: thrown by run, answered by the gateway's run, at the host, and over REST", async () => {
  const body = { prompt: "x" };
  expect((await act("gateway", [chat()], "poor")).status).toBe(200);
  const answered = await act("gateway", [chat()], "poor");
  expect([answered.status, JSON.parse(answered.body)]).toMatchObject([
    429,
    { name: "AiGatewayError", httpCode: 429, internalCode: 2045, error: [{ code: 2045 }] },
  ]);
  expect(answered.headers["cf-aig-step"]).toBe("0");
  const thrown = await act("run", [MODEL, body, { gateway: { id: "poor" } }]);
  expect(thrown.error).toMatch(
    /^AiGatewayError: 2045: Spend limit exceeded: rule 'cap' \(cost limit 1e-9 per 2592000s/,
  );
  const gateway = { "cf-aig-gateway-id": "poor" };
  const ways = [
    post(`${cloud.cloud.url}/v1/${account_id}/poor/workers-ai/${MODEL}`, body),
    post(`${cloud.api}/ai/run/${MODEL}`, body, { ...cloud.authorization, ...gateway }),
    post(`${cloud.api}/ai/v1/chat/completions`, chat().query, { ...cloud.authorization, ...gateway }),
  ];
  for (const response of await Promise.all(ways))
    expect([response.status, await response.json()]).toMatchObject([429, { internalCode: 2045 }]);
});

it("keeps what a Worker says of a log", async () => {
  const { logId } = await run(prompt(), {});
  expect(await act("patchLog", [logId, { feedback: 1, score: 90, metadata: { good: true } }])).toEqual({
    result: null,
  });
  expect((await act("getLog", [logId])).result["metadata"]).toEqual({ good: true });
  expect((await act("patchLog", [logId, { feedback: 7 }])).error).toContain("feedback");
  expect((await act("getLog", ["nothing"])).error).toMatch(/^AiGatewayLogNotFound: .*nothing/);
  expect((await act("patchLog", ["nothing", { feedback: 1 }])).error).toMatch(/^AiGatewayLogNotFound/);
});

it("gives a Worker its address, where the Worker's own fetch is answered", async () => {
  const base = `https://gateway.ai.cloudflare.com/v1/${account_id}/main/`;
  expect((await act("getUrl", [])).result).toBe(base);
  expect((await act("getUrl", ["workers-ai"])).result).toBe(`${base}workers-ai`);
  expect((await act("getUrl", ["openai"], "nobody")).error).toContain("nobody");
  const init = { method: "POST", body: JSON.stringify(prompt()) };
  const came = await act("fetch", [`${base}workers-ai/${MODEL}`, init]);
  expect([came.status, came.headers["cf-aig-cache-status"]]).toEqual([200, "MISS"]);
  const closed = await act("fetch", [`${base.replace("main", "closed")}workers-ai/${MODEL}`, init]);
  expect([closed.status, JSON.parse(closed.body)]).toMatchObject([401, { internalCode: 2009 }]);
});

it("breaks the connection where a fault says that the gateway cannot be reached", async () => {
  const broken = { service: "ai-gateway", kind: "unreachable", target: "main" } as const;
  await cloud.setFaults(broken);
  const failed = /Network connection lost|internal error/i;
  expect((await run(prompt(), {})).error).toMatch(failed);
  expect((await act("gateway", [chat()])).error).toMatch(failed);
  const address = `https://gateway.ai.cloudflare.com/v1/${account_id}/main/workers-ai/${MODEL}`;
  expect((await act("fetch", [address, { method: "POST", body: "{}" }])).error).toMatch(failed);
  await expect(post(`${cloud.cloud.url}/v1/${account_id}/main/workers-ai/${MODEL}`, {})).rejects.toThrow();
  await cloud.setFaults();
  expect((await run(prompt(), {})).body.response).toContain("[stand-in]");
});

it("serves clients outside of Workers, but no web page of another origin", async () => {
  const closed = `${cloud.cloud.url}/v1/${account_id}/closed/workers-ai/v1/chat/completions`;
  const body = { ...chat().query, model: MODEL };
  const token = { "cf-aig-authorization": `Bearer ${cloud.cloud.token}` };
  expect((await post(closed, body)).status).toBe(401);
  expect((await post(closed, body, token)).status).toBe(200);
  expect((await post(closed, body, { ...token, origin: "https://elsewhere.example" })).status).toBe(403);
  expect((await post(closed, body, { ...token, origin: cloud.cloud.url })).status).toBe(200);
});

it("takes REST calls that name a gateway, as the official client sends them", async () => {
  const client = cloud.client.withOptions({ defaultHeaders: { "cf-aig-gateway-id": "main" } });
  const before = await cloud.client.aiGateway.logs.list("main", { account_id, per_page: 50 });
  const answer = await client.ai.run(MODEL, { account_id, ...prompt() });
  expect(answer).toMatchObject({ response: expect.stringContaining("[stand-in]") });
  const after = await cloud.client.aiGateway.logs.list("main", { account_id, per_page: 50 });
  expect(after.result).toHaveLength(before.result.length + 1);
  await expect(client.ai.run("@cf/nobody/nothing", { account_id, prompt: "x" })).rejects.toMatchObject({
    status: 400,
    errors: [{ code: 5007 }],
  });
  await cloud.setFaults({ service: "ai-gateway", kind: "unreachable", target: "main" });
  await expect(client.ai.run(MODEL, { account_id, ...prompt() })).rejects.toMatchObject({ status: 502 });
});
