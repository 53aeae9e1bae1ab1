import { ApiProblem, call } from "./api.js";

const ADDRESS = "/v1/rag/documents";

/** The newest documents. @throws ApiProblem */
export async function listDocuments(key) {
  return (await call(key, "GET", `${ADDRESS}?limit=50`)).documents;
}

/** Uploads a file as it is. @throws ApiProblem */
export async function uploadDocument(key, file) {
  const response = await fetch(`${ADDRESS}?${new URLSearchParams({ name: file.name })}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": typeOf(file) },
    body: file,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw problemOf(response.status, answer);
  return answer;
}

/** @throws ApiProblem */
export function deleteDocument(key, id) {
  return call(key, "DELETE", `${ADDRESS}/${id}`);
}

/**
 * Asks the documents, and tells what comes when it comes.
 *
 * @param on `{ sources(list), text(sofar) }`
 * @returns the whole reply; throws ApiProblem
 */
export async function askDocuments(key, question, on) {
  const response = await fetch("/v1/rag/query", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ question, stream: true }),
  });
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => ({})));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let text = "";
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    const blocks = (rest + step.value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
      if (!name) continue;
      const told = JSON.parse(data);
      if (name === "error") throw problemOf(told.status, told);
      if (name === "sources") on.sources(told.sources);
      if (name === "text") {
        text += told.text;
        on.text(text);
      }
      if (name === "answer") return told;
    }
  }
  throw new ApiProblem(502, { detail: "The answer broke off. Ask again." });
}

/** Not every system knows what Markdown is. */
function typeOf({ name, type }) {
  if (/\.(md|markdown)$/i.test(name)) return "text/markdown";
  return type || "text/plain";
}

/** Below /v1 an error may have OpenAI's form. */
function problemOf(status, body) {
  return new ApiProblem(status, body.error ? { detail: body.error.message, code: body.error.code } : body);
}
