import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  answerJson,
  bodyOf,
  endServers,
  FALLBACK,
  listen,
  PRIMARY,
  passOn,
  serveWorkersAi,
  twoModelRoute,
} from "@tenner/local-cloud/testing";

const { gateway, routes } = twoModelRoute("edge-cache-test", 15_000);

/** The gateway of the tests, as the Worker knows it. */
export const GATEWAY = gateway;

/**
 * The local cloud's own AI Gateway on the AI binding's wire, with a model behind it that counts and can be steered. Words
 * in a question steer what becomes of it: `[[fail]]` 500 from every model, `[[fail-primary]]` 500 from the first,
 * `[[refuse]]` 400, `[[gate:NAME]]` answers (a stream: after its first word) when `POST /open/NAME` was called,
 * `[[cut]]` breaks off a stream in its middle, `[[say:WORDS]]` answers these, `[[judge:WORD]]` this where the
 * question is whether two questions are the same. `GET /calls/WORD` counts the questions with
 * the word that a model got, `GET /prompts/WORD` has them. `POST /replies/WORD` sets what such a question is answered with:
 * `{text}`, and `{json}` where JSON is asked for. `GET /keys/NAME` is an issuer's key set, which `POST /keys/NAME` has set; 500 before that.
 *
 * @param vectorizeUrl answers the other remote bindings: Miniflare knows one address for all of them
 */
export async function startAiDouble(vectorizeUrl: string): Promise<{ url: string; close(): Promise<void> }> {
  const asked: { prompt: string; model: string }[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, found);
    return found;
  };
  const keySets = new Map<string, string>();
  const replies = new Map<string, { text?: string; json?: object }>();
  const models = createServer((request, response) => {
    const [, verb, word = ""] = (request.url ?? "").split("/").map(decodeURIComponent);
    if (verb === "calls") answerJson(response, { calls: asked.filter(({ prompt }) => prompt.includes(word)).length });
    else if (verb === "open") {
      gate(word).resolve();
      answerJson(response, {});
    } else if (verb === "prompts") {
      answerJson(
        response,
        asked.map(({ prompt }) => prompt).filter((prompt) => prompt.includes(word)),
      );
    } else if (verb === "replies") {
      void bodyOf(request).then((body) => {
        replies.set(word, JSON.parse(body.toString()) as { text?: string; json?: object }); // a test's own
        answerJson(response, {});
      });
    } else if (verb === "keys") {
      void keySet(request, response, word);
    } else if (request.method === "GET") answerJson(response, { data: [{ id: PRIMARY }, { id: FALLBACK }] });
    else void answer(request, response);
  });

  async function keySet(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    if (request.method === "POST") keySets.set(name, (await bodyOf(request)).toString());
    const set = keySets.get(name);
    if (set === undefined) answerJson(response, { error: "away" }, 500);
    else answerJson(response, JSON.parse(set));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const inputs = JSON.parse((await bodyOf(request)).toString()) as Inputs; // the cloud's own
    const prompt = inputs.messages.map(({ content }) => content).join("\n");
    asked.push({ prompt, model: inputs.model });
    const number = asked.length;
    const has = (word: string) => prompt.includes(`[[${word}]]`);
    if (has("fail") || (has("fail-primary") && inputs.model === PRIMARY))
      return answerJson(response, { error: "down" }, 500);
    if (has("refuse")) return answerJson(response, { error: "invalid input" }, 400);
    const reply = [...replies].find(([word]) => prompt.includes(word))?.[1];
    const gated = /\[\[gate:([\w-]+)\]\]/.exec(prompt)?.[1];
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
    if (!inputs.stream) {
      if (gated) await gate(gated).promise;
      const [tool] = inputs.tools ?? [];
      const judges = prompt.startsWith("Two questions were put");
      const steer = judges ? /\[\[judge:(\w+)\]\]/ : /\[\[say:([^\]]*)\]\]/;
      const said = steer.exec(prompt)?.[1] ?? reply?.text ?? `Answer ${number}`;
      const content = inputs.response_format ? JSON.stringify(reply?.json ?? { number }) : said;
      const message = tool
        ? {
            content: null,
            tool_calls: [{ id: "call_1", type: "function", function: { name: tool.function.name, arguments: "{}" } }],
          }
        : { content };
      return answerJson(response, {
        object: "chat.completion",
        choices: [
          { index: 0, message: { role: "assistant", ...message }, finish_reason: tool ? "tool_calls" : "stop" },
        ],
        usage,
      });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = (choice: object, more: object = {}) =>
      response.write(
        `data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: null, ...choice }], ...more })}\n\n`,
      );
    const parts = reply?.text?.match(/.{1,7}/gs) ?? ["Answer", " in parts", ` ${number}`];
    event({ delta: { role: "assistant", content: parts[0] } });
    if (gated) await gate(gated).promise;
    if (has("cut")) {
      // What was written leaves first; the end that a whole answer has never comes.
      response.socket?.end();
      return;
    }
    for (const content of parts.slice(1)) event({ delta: { content } });
    event({ delta: {}, finish_reason: "stop" });
    response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
    response.end("data: [DONE]\n\n");
  }

  const modelsUrl = await listen(models);
  const cloud = await serveWorkersAi({ upstreamUrl: `${modelsUrl}/v1`, routes });
  const server = createServer((request, response) => {
    const own = /^\/(calls|open|keys|prompts|replies)\//.test(request.url ?? "");
    const forAi = (request.headers["mf-binding"] ?? "AI") === "AI";
    const target = own ? modelsUrl : forAi ? cloud.url : vectorizeUrl;
    void bodyOf(request).then((body) => passOn(target, request, body, response));
  });
  const url = await listen(server);
  let closing: Promise<unknown> | undefined;
  return {
    url,
    async close() {
      endServers(server, models);
      closing ??= cloud.close();
      await closing;
    },
  };
}

interface Inputs {
  model: string;
  stream?: boolean;
  messages: { role: string; content: string }[];
  tools?: { function: { name: string } }[];
  response_format?: object;
}
