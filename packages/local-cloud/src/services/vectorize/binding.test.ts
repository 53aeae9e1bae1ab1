import { expect, it, vi } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";

/** Does what the request says with `env.VECTORIZE`, and answers what came of it. */
const WORKER = `export default { async fetch(request, env) {
  const { method, parameters } = await request.json();
  try {
    return Response.json(await env.VECTORIZE[method](...parameters) ?? null);
  } catch (error) {
    return new Response(error.message, { status: 599 });
  }
} }`;

async function startWithBinding() {
  const fixture = await startTestCloud({ vectorizeDelay: 0 });
  const { client, accountId: account_id, upload, cloud } = fixture;
  const create = () =>
    client.vectorize.indexes.create({ account_id, name: "docs", config: { dimensions: 3, metric: "cosine" } });
  const bindings = [{ type: "vectorize", name: "VECTORIZE", index_name: "docs" }];
  /** Calls a method of the binding. A failure is its message. */
  const call = async (method: string, ...parameters: unknown[]): Promise<unknown> => {
    const response = await fetch(cloud.workerUrl(account_id, "w") ?? "", {
      method: "POST",
      body: JSON.stringify({ method, parameters }),
    });
    return response.status === 599 ? response.text() : response.json();
  };
  return { ...fixture, create, call, uploadWorker: () => upload("w", WORKER, { bindings }) };
}

it("answers all of env.VECTORIZE in workerd", async () => {
  const { create, uploadWorker, call } = await startWithBinding();
  expect(await uploadWorker()).toMatchObject({
    status: 400,
    errors: [{ code: 10159, message: "Vectorize binding 'VECTORIZE' references index 'docs' which was not found." }],
  });
  await create();
  expect((await uploadWorker()).status).toBe(200);
  const mutation = { mutationId: expect.any(String) as string };
  const vector = { id: "a", values: [1, 0, 0], namespace: "n", metadata: { k: { deep: true } } };
  expect(await call("insert", [vector, { id: "b", values: [0, 1, 0] }])).toEqual(mutation);
  expect(await call("upsert", [{ id: "b", values: [0, 2, 0] }])).toEqual(mutation);
  const options = { topK: 1, returnMetadata: true, returnValues: true, namespace: "n" };
  expect(await call("query", [1, 0, 0], options)).toEqual({ count: 1, matches: [{ ...vector, score: 1 }] });
  expect(await call("queryById", "b", { topK: 1 })).toEqual({ count: 1, matches: [{ id: "b", score: 1 }] });
  expect(await call("getByIds", ["b"])).toEqual([{ id: "b", values: [0, 2, 0] }]);
  const deleted = (await call("deleteByIds", ["b"])) as { mutationId: string };
  expect(await call("describe")).toEqual({
    vectorCount: 1,
    dimensions: 3,
    processedUpToDatetime: expect.any(String) as string,
    processedUpToMutation: deleted.mutationId,
  });
});

it("throws in a Worker with Vectorize's codes, and writes nothing of 1001 vectors", async () => {
  const { create, uploadWorker, call, cloud, client, accountId: account_id } = await startWithBinding();
  await create();
  await uploadWorker();
  const many = Array.from({ length: 1001 }, (_, index) => ({ id: `v${index}`, values: [index, 1, 0] }));
  expect(await call("upsert", many)).toBe(
    "VECTOR_UPSERT_ERROR (code = 40006): too many vectors in payload; max count is 1000, got 1001",
  );
  expect(await call("describe")).toMatchObject({ vectorCount: 0 });
  await call("upsert", many.slice(1));
  expect(await call("describe")).toMatchObject({ vectorCount: 1000 });
  expect(await call("query", [1, 2])).toBe(
    "VECTOR_QUERY_ERROR (code = 40006): invalid query vector, expected 3 dimensions, and got 2 dimensions",
  );
  expect(await call("query", [1, 2, 3], { topK: 101 })).toMatch(/^VECTOR_QUERY_ERROR \(code = 40011\)/);
  expect(await call("query", [1, 2, 3], { filter: { a: { $like: "x" } } })).toMatch(/code = 40026.*\$like/);
  expect(await call("getByIds", Array(21).fill("v"))).toMatch(/^VECTOR_GET_ERROR \(code = 40007\)/);
  const fault = { service: "vectorize", kind: "fail", status: 429, code: 40041, count: 1 };
  const headers = { authorization: `Bearer ${cloud.token}` };
  await fetch(`${cloud.url}/_local/faults`, { method: "POST", headers, body: JSON.stringify(fault) });
  expect(await call("describe")).toMatch(/^INDEX_GET_ERROR \(code = 40041\)/);

  await client.vectorize.indexes.delete("docs", { account_id });
  expect(await call("describe")).toMatch(/^INDEX_GET_ERROR \(code = 3000\): vectorize.index.not_found/);
  await create();
  await vi.waitFor(async () => expect(await call("describe")).toMatchObject({ vectorCount: 0 }), 30_000);
});
