/**
 * Producer and consumer in one Worker. `?send=N` sends N messages, a hundred a batch; `?one=TEXT` sends one; `/count`
 * says how many arrived here. With a RECEIVER each arrival of a single one is told to it.
 */
let arrived = 0;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/count") return new Response(String(arrived));
    const one = searchParams.get("one");
    if (one !== null) {
      await env.QUEUE.send({ one });
      return new Response("sent");
    }
    const total = Number(searchParams.get("send"));
    const batch = Array.from({ length: 100 }, (_, number) => ({
      body: { number, text: "a message of a usual length" },
    }));
    for (let sent = 0; sent < total; sent += 1000) {
      const batches = Math.min(10, Math.ceil((total - sent) / 100));
      await Promise.all(Array.from({ length: batches }, () => env.QUEUE.sendBatch(batch)));
    }
    return new Response("sent");
  },
  async queue(batch, env) {
    arrived += batch.messages.length;
    for (const { body } of batch.messages) if (body.one) await fetch(env.RECEIVER + body.one);
  },
};
