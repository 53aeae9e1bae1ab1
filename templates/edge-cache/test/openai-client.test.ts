import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { all, api, asking, callsWith, migrate, newQuestion, openai } from "./harness.ts";

beforeAll(migrate);

const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const weather = {
  type: "function" as const,
  function: { name: "weather", description: "Of a city", parameters: { type: "object", properties: {} } },
};

describe("the stock openai client", () => {
  it("gets an answer with its usage, and the name of the model that gave it", async () => {
    const { data, response } = await openai().chat.completions.create(asking(newQuestion())).withResponse();
    expect(data.choices[0]?.message.content).toMatch(/^Answer \d+$/);
    expect(data).toMatchObject({ object: "chat.completion", model: PRIMARY, usage: { total_tokens: 10 } });
    expect(response.headers.get("x-cache")).toBe("miss");
    expect(Number(response.headers.get("x-cost-usd"))).toBeGreaterThan(0);
    expect(response.headers.get("x-saved-usd")).toBe("0");
    expect(response.headers.get("x-request-id")).toBeTruthy();
  });

  it("can name any model that it is used to", async () => {
    const data = await openai().chat.completions.create({ ...asking(newQuestion()), model: "gpt-4o-mini" });
    expect(data.model).toBe(PRIMARY);
  });

  it("can ask one model of the route", async () => {
    const model = "@cf/mistralai/mistral-small-3.1-24b-instruct";
    const data = await openai().chat.completions.create({ ...asking(newQuestion()), model });
    expect(data.model).toBe(model);
  });

  it("streams, with usage when it asks for it", async () => {
    const question = asking(newQuestion());
    const read = async (options?: { include_usage: boolean }) => {
      const stream = await openai().chat.completions.create({
        ...question,
        stream: true,
        ...(options && { stream_options: options }),
      });
      return all(stream);
    };
    const plain = await read();
    expect(plain.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toMatch(/^Answer in parts \d+$/);
    expect(plain.some((chunk) => chunk.usage)).toBe(false);
    expect(plain.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    const withUsage = await read({ include_usage: true });
    expect(withUsage.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 10 } });
    expect(withUsage.filter((chunk) => chunk.choices.length > 0).map(({ choices }) => choices)).toEqual(
      plain.map(({ choices }) => choices),
    );
  });

  it("has its tools passed on, past the cache", async () => {
    const question = newQuestion();
    const request = asking(question, { tools: [weather] });
    for (const calls of [1, 2]) {
      const { data, response } = await openai().chat.completions.create(request).withResponse();
      expect(data.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
      expect(data.choices[0]?.message.tool_calls?.[0]).toMatchObject({ id: "call_1", function: { name: "weather" } });
      expect(response.headers.get("x-cache")).toBe("bypass");
      expect(response.headers.get("x-cache-bypass")).toBe("tools");
      expect(await callsWith(question)).toBe(calls);
    }
  });

  it("has calls of tools streamed to it", async () => {
    const stream = openai().chat.completions.stream(
      asking(newQuestion(), { tools: [weather], tool_choice: "required" }),
    );
    const completion = await stream.finalChatCompletion().catch((error: unknown) => error);
    // The double streams words only, so the words arrive, whole and in order.
    expect(completion).toMatchObject({
      choices: [{ message: { content: expect.stringMatching(/^Answer in parts/) } }],
    });
  });

  it("gets JSON in JSON mode, streamed too", async () => {
    const format = { response_format: { type: "json_object" as const } };
    const whole = await openai().chat.completions.create(asking(newQuestion(), format));
    expect(JSON.parse(whole.choices[0]?.message.content ?? "")).toEqual({ number: expect.any(Number) });
    const stream = await openai().chat.completions.create({ ...asking(newQuestion(), format), stream: true });
    const parts = await all(stream);
    const text = parts.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    expect(JSON.parse(text)).toEqual({ number: expect.any(Number) });
  });

  it("gets as many answers as it asks for, and the tokens of all", async () => {
    const question = newQuestion();
    const data = await openai().chat.completions.create(asking(question, { n: 3 }));
    expect(data.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(data.choices.map(({ message }) => message.content)).size).toBe(3);
    expect(data.usage?.total_tokens).toBe(30);
    expect(await callsWith(question)).toBe(3);
  });

  it("lists the models and looks at one", async () => {
    const models = await all(openai().models.list());
    expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(["auto", PRIMARY, "@cf/baai/bge-base-en-v1.5"]));
    expect(await openai().models.retrieve(PRIMARY)).toMatchObject({ id: PRIMARY, owned_by: "meta" });
    await expect(openai().models.retrieve("gpt-0")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it("gets vectors, in the form that it asks for", async () => {
    const input = ["a parcel", "the moon"];
    const request = { model: "text-embedding-3-small", input };
    // The client asks for base64 by itself.
    const packed = await openai().embeddings.create(request);
    const plain = await openai().embeddings.create({ ...request, encoding_format: "float" });
    expect(packed.data).toHaveLength(2);
    expect(packed.data[0]?.embedding).toHaveLength(768);
    expect(packed.data[1]?.embedding[5]).toBeCloseTo(plain.data[1]?.embedding[5] ?? Number.NaN, 6);
    expect(plain.usage.prompt_tokens).toBeGreaterThan(0);
    expect(plain.model).toBe("@cf/baai/bge-base-en-v1.5");
  });

  it("is told its mistakes as OpenAI tells them", async () => {
    const send = (client: OpenAI, body: object) => client.chat.completions.create(body as never); // wrong on purpose
    await expect(send(openai("tnr_no_such_key_at_all"), asking("?"))).rejects.toMatchObject({
      status: 401,
      code: "invalid_api_key",
      type: "invalid_request_error",
    });
    await expect(send(openai(), { model: "auto", messages: [{ role: "user", content: 7 }] })).rejects.toMatchObject({
      status: 400,
      param: "messages[0].content",
    });
    const image = [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }];
    await expect(send(openai(), { model: "auto", messages: [{ role: "user", content: image }] })).rejects.toThrow(
      "messages[0].content: a text, or a list of parts of the type `text`; pictures, sounds and files are not taken",
    );
    await expect(send(openai(), { model: "auto", messages: [{ role: "user" }] })).rejects.toThrow(
      "messages[0].content: is missing: only messages of the role `assistant` may be without",
    );
    await expect(send(openai(), [])).rejects.toMatchObject({
      param: null,
      message: expect.stringContaining("1 problem; Invalid input: expected object, received array"),
    });
    await expect(openai().embeddings.create({ model: "any", input: "" })).rejects.toThrow("at least one character");
    await expect(send(openai(), asking("?", { max_tokens: 100_000 }))).rejects.toMatchObject({ param: "max_tokens" });
    await expect(openai().responses.create({ model: "auto", input: "?" })).rejects.toMatchObject({
      status: 404,
      code: "not_found",
    });
  });

  it("is told when no model answers, and when one refuses", async () => {
    const failing = openai().chat.completions.create(asking(newQuestion("[[fail]]")));
    await expect(failing).rejects.toMatchObject({ status: 503, code: "model_unavailable", type: "server_error" });
    const refused = openai().chat.completions.create(asking(newQuestion("[[refuse]]")));
    await expect(refused).rejects.toMatchObject({ status: 400, code: "model_refused" });
  });

  it("is told when its stream breaks off", async () => {
    const stream = await openai().chat.completions.create({ ...asking(newQuestion("[[cut]]")), stream: true });
    await expect(all(stream)).rejects.toThrow(/broke|cut off/);
  });
});

it("serves nobody without a key", async () => {
  const response = await api("POST", "/v1/chat/completions", { key: null, body: asking("?") });
  expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="edge-cache"']);
  expect(await response.json()).toMatchObject({ error: { code: "invalid_api_key" } });
});
