import { expect, it } from "vitest";
import { account_id, gatewayFixture, minimal, otherAccount } from "./gateway-fixture.ts";

const gateway_id = "main";
const place = { account_id, gateway_id };
const PRIMARY = "@cf/meta/llama-3.1-8b-instruct-fast";
const OTHER = "@cf/zai-org/glm-4.7-flash";
const elementsWith = (model: string) => [
  { id: "start", type: "start" as const, outputs: { next: { elementId: "primary" } } },
  {
    id: "primary",
    type: "model" as const,
    properties: { provider: "workers-ai", model, timeout: 20_000, retries: 1 },
    outputs: { success: { elementId: "end" }, fallback: { elementId: "end" } },
  },
  { id: "end", type: "end" as const, outputs: {} },
];
const elements = elementsWith(PRIMARY);
const refusal = (status: number, code: number) => ({ status, errors: [expect.objectContaining({ code })] });

async function withRoute() {
  const fixture = gatewayFixture();
  await fixture.client.aiGateway.create({ ...minimal, id: gateway_id });
  const routes = fixture.client.aiGateway.dynamicRouting;
  const route = await routes.create(gateway_id, { account_id, name: "chat", elements });
  const active = (name = "chat") => fixture.state.route(account_id, gateway_id, name);
  return { ...fixture, routes, route, active };
}

it("makes a route, shows it, and has it ready for calls", async () => {
  const { routes, route, active } = await withRoute();
  const id = expect.stringMatching(/^[0-9a-f]{32}$/) as string;
  const created_at = "2026-11-01T00:00:00.000000Z";
  const { version_id } = route.version;
  expect(route).toEqual({
    id,
    name: "chat",
    gateway_id,
    elements,
    created_at,
    modified_at: created_at,
    deployment: { deployment_id: id, version_id, created_at },
    version: { version_id: id, active: "true", is_valid: true, data: JSON.stringify(elements), created_at },
  });
  expect(await routes.get(route.id, place)).toEqual(route);
  expect(active()).toEqual({ id: route.id, name: "chat", gatewayId: gateway_id, elements });
});

it("renames a route: its fields stand beside success and route, where clients read them", async () => {
  const { request, route, active } = await withRoute();
  const body = JSON.stringify({ name: "talk" });
  const answer = (await (await request(`/main/routes/${route.id}`, { method: "PATCH", body })).json()) as object;
  const fields = { ...route, name: "talk", modified_at: expect.any(String) as string };
  expect(answer).toMatchObject({
    ...fields,
    success: true,
    result: fields,
    route: { ...fields, account_tag: account_id },
  });
  expect(active("talk")).toBeDefined();
  expect(active("chat")).toBeUndefined();
});

it("lists routes in data, by pages", async () => {
  const { routes } = await withRoute();
  await routes.create(gateway_id, { account_id, name: "another", elements });
  const { success, data } = await routes.list(gateway_id, { account_id, per_page: 1, page: 2 });
  expect({ success, ...data, routes: data.routes.map(({ name }) => name) }).toEqual({
    success: true,
    routes: ["chat"],
    page: 2,
    per_page: 1,
    order_by: "name",
    order_by_direction: "asc",
  });
  expect((await routes.list(gateway_id, { account_id, page: 9 })).data.routes).toEqual([]);
});

it("sends calls to a version once it is deployed, and back", async () => {
  const { routes, route, active } = await withRoute();
  const model = () => active()?.elements.flatMap((one) => (one.type === "model" ? [one.properties.model] : []));
  const added = await routes.createVersion(route.id, { ...place, elements: elementsWith(OTHER) });
  expect(added).toMatchObject({ id: route.id, elements: elementsWith(OTHER) });
  expect(model()).toEqual([PRIMARY]);
  const { versions } = (await routes.listVersions(route.id, place)).data;
  expect(versions.map(({ active: on }) => on)).toEqual(["false", "true"]);
  const version_id = versions[0]?.version_id ?? "";
  await routes.createDeployment(route.id, { ...place, version_id });
  expect(model()).toEqual([OTHER]);
  expect(await routes.getVersion(version_id, { ...place, id: route.id })).toMatchObject({
    version_id,
    active: "true",
    elements: elementsWith(OTHER),
  });
  expect(await routes.get(route.id, place)).toMatchObject({
    elements: elementsWith(OTHER),
    deployment: { version_id },
  });
  await routes.createDeployment(route.id, { ...place, version_id: route.version.version_id });
  expect(model()).toEqual([PRIMARY]);
  const { deployments } = (await routes.listDeployments(route.id, place)).data;
  expect(deployments.map((one) => one.version_id)).toEqual([
    route.version.version_id,
    version_id,
    route.version.version_id,
  ]);
});

it("refuses what would not run, and says all that is wrong", async () => {
  const { routes, route, request } = await withRoute();
  const bad = elementsWith("@cf/nobody/nothing");
  await expect(routes.create(gateway_id, { account_id, name: "bad", elements: bad })).rejects.toMatchObject(
    refusal(400, 7003),
  );
  await expect(routes.createVersion(route.id, { ...place, elements: bad })).rejects.toMatchObject(refusal(400, 7003));
  const body = JSON.stringify({ name: "bad", elements: [...bad, ...elements.slice(1)] });
  const answer = (await (await request("/main/routes", { method: "POST", body })).json()) as { errors: object[] };
  expect(answer.errors).toMatchObject([
    { code: 7001, message: 'two elements have the id "primary"' },
    { code: 7001, message: 'two elements have the id "end"' },
    { code: 7003, message: 'element "primary": provider "workers-ai" has no model "@cf/nobody/nothing"' },
  ]);
  const both = await request("/main/routes", { method: "POST", body: JSON.stringify({ name: "a b", elements: "x" }) });
  expect(await both.json()).toMatchObject({
    errors: [{ message: expect.stringMatching(/^name: /) }, { message: expect.stringMatching(/^elements: /) }],
  });
  expect((await routes.list(gateway_id, { account_id })).data.routes).toHaveLength(1);
});

it("refuses a name that is taken, at creation and when renaming", async () => {
  const { routes } = await withRoute();
  const taken = refusal(400, 7001);
  await expect(routes.create(gateway_id, { account_id, name: "chat", elements })).rejects.toMatchObject(taken);
  const other = await routes.create(gateway_id, { account_id, name: "other", elements });
  await expect(routes.update(other.id, { ...place, name: "chat" })).rejects.toMatchObject(taken);
});

it("says that a route or a version is not there, also to another account and another gateway", async () => {
  const { routes, route, client } = await withRoute();
  const missing = refusal(404, 7002);
  await client.aiGateway.create({ ...minimal, id: "second" });
  await client.aiGateway.create({ ...minimal, account_id: otherAccount, id: gateway_id });
  await expect(routes.get("nobody", place)).rejects.toMatchObject(missing);
  await expect(routes.get(route.id, { account_id, gateway_id: "second" })).rejects.toMatchObject(missing);
  await expect(routes.delete(route.id, { account_id: otherAccount, gateway_id })).rejects.toMatchObject(missing);
  await expect(routes.getVersion("nobody", { ...place, id: route.id })).rejects.toMatchObject(missing);
  await expect(routes.createDeployment(route.id, { ...place, version_id: "nobody" })).rejects.toMatchObject(missing);
});

it("deletes a route, and every route with its gateway", async () => {
  const { routes, route, active, client, store } = await withRoute();
  const second = await routes.create(gateway_id, { account_id, name: "second", elements });
  expect(await routes.delete(second.id, place)).toMatchObject({ id: second.id });
  await client.aiGateway.delete(gateway_id, { account_id });
  expect(active()).toBeUndefined();
  await client.aiGateway.create({ ...minimal, id: gateway_id });
  await expect(routes.get(route.id, place)).rejects.toMatchObject(refusal(404, 7002));
  for (const table of ["routes", "route_versions", "route_deployments"])
    expect(store.all(`SELECT * FROM ai_gateway_${table}`)).toEqual([]);
});

it("keeps gateways and routes over a kill", async () => {
  const fixture = await withRoute();
  fixture.restart({ kill: true });
  expect(await fixture.routes.get(fixture.route.id, place)).toEqual(fixture.route);
  expect(fixture.state.route(account_id, gateway_id, "chat")?.elements).toEqual(elements);
});
