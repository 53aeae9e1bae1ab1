import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveWorkersAi } from "@tenner/local-cloud/testing";

/**
 * Stands in for Workers AI on the AI binding's own wire, and can go wrong on demand. Words in the prompt steer it:
 * `[[fail]]` 500, `[[refuse]]` 400, `[[busy]]` 429, `[[budget]]` 2045, `[[hang]]` never, `[[slow]]` 300 ms,
 * `[[garbage]]` no JSON, `[[garbage-once]]` JSON only for the repair, `[[primary-fails]]`, `[[fail-first]]` one 500,
 * `[[local-cloud]]` the local cloud's own stand-in answers.
 * `GET /calls/WORD` counts the calls whose prompt held the word, and those that the caller cut off.
 */
export async function startAiDouble(): Promise<{ url: string; close(): Promise<void> }> {
  const prompts: string[] = [];
  const cut: string[] = [];
  const localCloud = await serveWorkersAi();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const json = (value: unknown, status = 200) => {
      response.writeHead(status, { "content-type": "application/json", "x-stand-in": "1" });
      response.end(JSON.stringify(value));
    };
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "GET") {
        const word = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
        const count = (list: string[]) => list.filter((prompt) => prompt.includes(word)).length;
        return json({ calls: count(prompts), cut: count(cut) });
      }
      const { inputs }: { inputs: Inputs } = JSON.parse(Buffer.concat(chunks).toString());
      const model = String(request.headers["mf-header-cf-consn-model-id"] ?? request.headers["cf-consn-model-id"]);
      const prompt = inputs.messages.map((message) => message.content).join("\n");
      const has = (word: string) => prompt.includes(`[[${word}]]`);
      const before = prompts.filter((each) => each === prompt).length;
      prompts.push(prompt);
      response.on("close", () => {
        if (!response.writableFinished) cut.push(prompt);
      });
      if (has("local-cloud")) {
        const headers = Object.entries(request.headers).filter(
          ([name]) => !/^(host|connection|content-length)$/.test(name),
        );
        const init = { method: "POST", headers: headers as [string, string][], body: Buffer.concat(chunks) };
        fetch(`${localCloud.url}${request.url}`, init).then(
          async (answer) => {
            response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
            response.end(await answer.text());
          },
          (error: unknown) => json({ description: String(error) }, 502),
        );
        return;
      }
      if (has("hang")) return;
      if (has("fail") || (has("fail-first") && before === 0))
        return json({ internalCode: 3040, description: "down" }, 500);
      if (has("primary-fails") && model.includes("llama"))
        return json({ internalCode: 3040, description: "down" }, 500);
      if (has("refuse")) return json({ internalCode: 5004, description: "invalid input" }, 400);
      if (has("busy")) return json({ internalCode: 3040, description: "capacity" }, 429);
      if (has("budget")) return json({ internalCode: 2045, description: "Spend limit exceeded" }, 429);
      const repairing = inputs.messages.some((message) => message.role === "assistant");
      const garbage = has("garbage") || (has("garbage-once") && !repairing);
      const schema = inputs.response_format?.json_schema;
      const text = garbage ? "no { JSON" : schema ? JSON.stringify(sample(schema)) : `Answer ${prompts.length}`;
      const answer = { response: text, usage: { prompt_tokens: 7, completion_tokens: 3 } };
      setTimeout(() => json(answer), has("slow") ? 300 : 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Tools that only read the configuration (editors, knip) must be able to end.
  server.unref();
  let closing: Promise<void> | undefined;
  return {
    // An address of a TCP server is never a string.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
      closing ??= localCloud.close();
      return closing;
    },
  };
}

interface Inputs {
  messages: { role: string; content: string }[];
  response_format?: { json_schema: Schema };
}
interface Schema {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
}

function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, sample(each)]));
    case "array":
      return [];
    case "integer":
    case "number":
      return 42;
    case "boolean":
      return true;
    default:
      return "sample";
  }
}
