/** A problem+json answer. */
export class ApiProblem extends Error {
  constructor(status, body) {
    const fields = (body.errors ?? []).map((each) => `${each.path}: ${each.message}`);
    super(fields.length > 0 ? fields.join("\n") : (body.detail ?? body.title ?? `status ${status}`));
    this.status = status;
    this.code = body.code;
  }
}

/** Calls the API with a key. @returns the parsed body; throws ApiProblem */
export async function call(key, method, path, body, headers = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiProblem(response.status, answer);
  return answer;
}

/**
 * Watches something over SSE and calls `onState` with every state until one for which `hasEnded` holds. A broken
 * connection is taken up again after the last event seen. EventSource cannot send a key, so this reads the stream
 * itself.
 */
export async function watch(key, address, { onState, hasEnded }, signal) {
  let seen = "0";
  let ended = false;
  while (!ended && !signal.aborted) {
    try {
      const response = await fetch(address, {
        headers: { authorization: `Bearer ${key}`, "last-event-id": seen },
        signal,
      });
      if (response.status === 204) return;
      if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => ({})));
      for await (const event of events(response.body)) {
        if (event.id) seen = event.id;
        const state = JSON.parse(event.data);
        ended = hasEnded(state);
        onState(state);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiProblem && error.status < 500) throw error;
    }
    if (!ended) await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const blocks = (rest + read.value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = block.split("\n").map((line) => /^(\w+): ?(.*)$/.exec(line));
      const data = fields.filter((field) => field?.[1] === "data").map((field) => field[2]);
      if (data.length > 0) yield { id: fields.find((field) => field?.[1] === "id")?.[2], data: data.join("\n") };
    }
  }
}
