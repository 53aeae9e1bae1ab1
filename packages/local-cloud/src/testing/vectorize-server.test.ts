// oxlint-disable-next-line no-restricted-imports -- the test is that Miniflare takes the address
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveVectorize, type VectorizeServer } from "./vectorize-server.ts";

const WORKER = `export default { async fetch(request, env) {
  const { index, method, parameters } = await request.json();
  try {
    return Response.json(await env[index][method](...parameters));
  } catch (error) {
    return new Response(error.message, { status: 599 });
  }
} }`;

let vectors: VectorizeServer;
let worker: Miniflare;

beforeAll(async () => {
  vectors = await serveVectorize({
    COLOURS: {
      dimensions: 3,
      metric: "cosine",
      metadataIndexes: [{ propertyName: "kind", indexType: "string" }],
    },
    OTHERS: { dimensions: 2, metric: "cosine" },
  });
  const remoteProxyConnectionString = new URL(vectors.url) as never; // a brand that only wrangler puts on
  worker = new Miniflare({
    modules: [{ type: "ESModule", path: "index.mjs", contents: WORKER }],
    modulesRoot: "/",
    compatibilityDate: "2026-07-01",
    cf: false,
    vectorize: {
      COLOURS: { index_name: "colours", remoteProxyConnectionString },
      OTHERS: { index_name: "others", remoteProxyConnectionString },
    },
  });
});
afterAll(async () => {
  await worker.dispose();
  await vectors.close();
});

async function call(index: string, method: string, ...parameters: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ index, method, parameters });
  const response = await worker.dispatchFetch("http://worker/", { method: "POST", body });
  return response.status === 599 ? response.text() : response.json();
}

it("answers each binding from an index of its own, with filters", async () => {
  await call("COLOURS", "upsert", [
    { id: "a", values: [1, 0, 0], namespace: "n", metadata: { kind: "warm" } },
    { id: "b", values: [1, 0.1, 0], namespace: "n", metadata: { kind: "cold" } },
  ]);
  expect(await call("COLOURS", "query", [1, 0, 0], { namespace: "n", filter: { kind: "cold" } })).toMatchObject({
    matches: [{ id: "b" }],
  });
  expect(await call("COLOURS", "query", [1, 0, 0], { namespace: "m" })).toMatchObject({ count: 0 });
  expect(await call("OTHERS", "query", [1, 0])).toMatchObject({ count: 0 });
});

it("fails where a fault is set", async () => {
  vectors.faults.add({ service: "vectorize", kind: "fail", target: "OTHERS", count: 1 });
  expect(await call("OTHERS", "describe")).toMatch(/^INDEX_GET_ERROR/);
  expect(await call("OTHERS", "describe")).toMatchObject({ dimensions: 2, vectorCount: 0 });
});
