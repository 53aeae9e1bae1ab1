import { Agent, request } from "node:http";

/** Milliseconds from the request to the answer's first byte, for one page asked again and again on one connection. */
export async function firstBytes(
  url: string,
  headers: Readonly<Record<string, string>>,
  count: number,
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, noDelay: true });
  const found: number[] = [];
  for (let asked = 0; asked < count; asked++) found.push(await firstByte(url, headers, agent));
  agent.destroy();
  return found;
}

function firstByte(url: string, headers: Readonly<Record<string, string>>, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request(url, { agent, headers });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      if (incoming.statusCode !== 200) reject(new Error(`${url}: HTTP ${incoming.statusCode}`));
      let first = 0;
      // Not the head: the first byte of the page itself.
      incoming.once("data", () => {
        first = performance.now() - began;
      });
      incoming.resume();
      incoming.on("error", reject);
      incoming.on("end", () => resolve(first));
    });
    outgoing.end();
  });
}
