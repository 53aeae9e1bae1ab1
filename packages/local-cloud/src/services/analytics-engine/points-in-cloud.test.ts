import { expect, it } from "vitest";
import { startTestCloud } from "../../cloud-fixture.ts";

const WORKER = `export default { async fetch(request, env) {
  const count = Number(new URL(request.url).searchParams.get("points"));
  for (let point = 1; point <= count; point++) env.POINTS.writeDataPoint({ indexes: ["i"], doubles: [point] });
  return new Response("written");
} };`;

it("all points of a request arrive, also when no other request follows", async () => {
  const { upload, fetch, cloud, accountId } = await startTestCloud();
  await upload("w", WORKER, { bindings: [{ type: "analytics_engine", name: "POINTS", dataset: "points" }] });
  const sums = async () => {
    const response = await globalThis.fetch(`${cloud.apiUrl}/accounts/${accountId}/analytics_engine/sql`, {
      method: "POST",
      headers: { authorization: `Bearer ${cloud.token}` },
      body: "SELECT count() AS n, sum(double1) AS total FROM points",
    });
    return response.ok ? ((await response.json()) as { data: { n: string; total: number }[] }).data[0] : undefined;
  };
  await (await fetch("w", "/?points=1")).text();
  await expect.poll(sums).toEqual({ n: "1", total: 1 });
  await (await fetch("w", "/?points=2")).text();
  await expect.poll(sums).toEqual({ n: "3", total: 4 });
  await Promise.all(Array.from({ length: 10 }, async () => (await fetch("w", "/?points=10")).text()));
  await expect.poll(sums).toEqual({ n: "103", total: 554 });
});
