import { env } from "cloudflare:workers";
import { GatewaySettings } from "@tenner/worker-kit/settings";
import { beforeAll, describe, expect, it } from "vitest";
import { drawingsOf } from "../src/drawings/drawings.ts";
import { DRAWN_COLUMNS } from "../src/drawings/plates/record.ts";
import { readStackFacts } from "../src/read-stack-facts.ts";
import { migrate } from "./harness.ts";

beforeAll(migrate);

/** No resources: secrets, settings, what says which upload this is, and what tests add. */
const NOT_DRAWN = /^(?:API_KEY|OWNER_KEY|SETTINGS|AI_GATEWAY|VERSION|TEST_.*|__VITEST.*)$/;

describe("the drawings of this very stack", () => {
  it("name each of the Worker’s bindings, and none that it does not have", () => {
    const products = drawingsOf(readStackFacts(env)).flatMap(({ nodes }) => nodes.map(({ product }) => product));
    const drawn = products.flatMap((product) => product.match(/\b[A-Z]{5,}\b|\b(?:DB|AI)\b(?=$|,)/g) ?? []);
    expect([...new Set(drawn)].sort()).toEqual(
      Object.keys(env)
        .filter((name) => !NOT_DRAWN.test(name))
        .sort(),
    );
  });

  it("name the gateway, the route and the models that it asks", () => {
    const text = JSON.stringify(drawingsOf(readStackFacts(env)));
    const { id, route, models } = GatewaySettings.parse(env.AI_GATEWAY);
    for (const name of [id, route, ...models.map(({ model }) => model)]) {
      expect(text).toContain(name);
    }
  });

  it("show the columns that the table of valuations has", async () => {
    const { results } = await env.DB.prepare("SELECT name FROM pragma_table_info('valuations')").all<{
      name: string;
    }>();
    expect([...DRAWN_COLUMNS].sort()).toEqual(results.map(({ name }) => name).sort());
  });
});
