/** An error in OpenAI's form. */
export class AnswerError extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? body?.detail ?? `The gateway answered ${status}.`);
    this.status = status;
    this.code = body?.error?.code ?? body?.code ?? String(status);
  }
}

/**
 * Asks as any OpenAI client does, and tells what comes when it comes.
 *
 * @param begun gets what the headers say, before the first word
 * @param said gets the whole text so far
 * @returns `{ text, usage, model, firstMs, ms }`; throws AnswerError
 */
export async function ask(key, request, { wish, begun, said, signal }) {
  const started = performance.now();
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(wish && { "cache-control": wish }),
    },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok) throw new AnswerError(response.status, await response.json().catch(() => ({})));
  begun(headersOf(response.headers));
  const answer = { text: "", usage: null, model: null, firstMs: null };
  const add = (piece) => {
    if (!piece) return;
    answer.firstMs ??= performance.now() - started;
    answer.text += piece;
    said(answer.text);
  };
  if (request.stream) {
    for await (const chunk of chunks(response.body)) {
      if (chunk.error) throw new AnswerError(502, chunk);
      answer.model ??= chunk.model;
      answer.usage = chunk.usage ?? answer.usage;
      add(chunk.choices?.[0]?.delta?.content);
    }
  } else {
    const completion = await response.json();
    answer.model = completion.model;
    answer.usage = completion.usage ?? null;
    add(completion.choices[0]?.message.content);
  }
  return { ...answer, ms: performance.now() - started };
}

function headersOf(headers) {
  const numberOf = (name) => (headers.get(name) === null ? null : Number(headers.get(name)));
  return {
    outcome: headers.get("x-cache") ?? "bypass",
    bypassed: headers.get("x-cache-bypass"),
    key: headers.get("x-cache-key"),
    age: numberOf("age"),
    similarity: numberOf("x-cache-similarity"),
    costUsd: numberOf("x-cost-usd"),
    savedUsd: numberOf("x-saved-usd"),
    standIn: headers.has("x-stand-in"),
    requestId: headers.get("x-request-id"),
  };
}

async function* chunks(stream) {
  let rest = "";
  for await (const text of read(stream.pipeThrough(new TextDecoderStream()))) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.replace(/^data: ?/, "");
      if (data.startsWith("{")) yield JSON.parse(data);
    }
  }
}

/** Not every browser can iterate a stream by itself. */
async function* read(stream) {
  const reader = stream.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
