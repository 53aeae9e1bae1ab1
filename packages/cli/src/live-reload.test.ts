import { describe, expect, it } from "vitest";
import { reactTo } from "./live-reload.ts";

const root = "/project";
const builders = [
  {
    template: "alpha",
    sources: new Set(["/project/templates/alpha/src/index.ts", "/project/packages/worker-kit/src/clock.ts"]),
  },
  { template: "beta", sources: new Set(["/project/templates/beta/src/index.ts"]) },
];

describe("reactTo", () => {
  it.each([
    [
      "a source of one template rebuilds that one",
      "templates/alpha/src/index.ts",
      [{ type: "rebuild", template: "alpha" }],
    ],
    [
      "a new file in a template's src rebuilds it",
      "templates/beta/src/new.ts",
      [{ type: "rebuild", template: "beta" }],
    ],
    [
      "a shared source rebuilds whoever bundles it",
      "packages/worker-kit/src/clock.ts",
      [{ type: "rebuild", template: "alpha" }],
    ],
    ["a shared source nobody bundles does nothing", "packages/worker-kit/src/unused.ts", []],
    ["a static asset uploads its template", "templates/beta/public/app.js", [{ type: "upload", template: "beta" }]],
    ["wrangler.jsonc runs the program", "templates/alpha/wrangler.jsonc", [{ type: "deploy" }]],
    ["a migration runs the program", "templates/alpha/migrations/0002_more.sql", [{ type: "deploy" }]],
    ["the program itself runs the program", "infra/templates/event-agent.ts", [{ type: "deploy" }]],
    ["a stack's settings do nothing: the engine writes them", "infra/Pulumi.local.yaml", []],
    ["a README does nothing", "templates/alpha/README.md", []],
  ])("%s", (_behaviour, file, reactions) => {
    expect(reactTo(file, builders, root)).toEqual(reactions);
  });
});
