import { request } from "node:http";

/** Something to be asked again and again. */
export interface Asked {
  readonly url: string;
  readonly apiKey: string;
}

/** What callers got while something else went on. */
export interface Steadiness {
  readonly answered: number;
  /** Everything that was no success, by what was said. */
  readonly failed: Readonly<Record<string, number>>;
  /** The longest wait, in ms. */
  readonly longest: number;
}

/**
 * Keeps callers asking while `work` goes on, each its next question once its last was answered, on connections that stay
 * open.
 */
export async function whileAsked<Result>(
  asked: readonly Asked[],
  callers: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; steadiness: Steadiness }> {
  let ended = false;
  let [answered, longest, next] = [0, 0, 0];
  const failed: Record<string, number> = {};
  const caller = async () => {
    while (!ended) {
      const one = asked[next++ % asked.length];
      if (!one) throw new Error("nobody is to be asked");
      const since = performance.now();
      const said = await ask(one);
      longest = Math.max(longest, performance.now() - since);
      if (said === "200") answered += 1;
      else failed[said] = (failed[said] ?? 0) + 1;
    }
  };
  const asking = Promise.all(Array.from({ length: callers }, caller));
  try {
    const result = await work();
    ended = true;
    await asking;
    return { result, steadiness: { answered, failed, longest } };
  } finally {
    ended = true;
  }
}

function ask({ url, apiKey }: Asked): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request(url, { headers: { authorization: `Bearer ${apiKey}` } });
    const none = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    outgoing.on("error", none);
    outgoing.on("response", (incoming) => {
      incoming.on("error", none);
      incoming.on("end", () => resolve(String(incoming.statusCode)));
      incoming.resume();
    });
    outgoing.end();
  });
}
