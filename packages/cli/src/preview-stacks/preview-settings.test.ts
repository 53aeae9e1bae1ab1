import { Settings } from "@tenner/worker-kit/settings";
import { expect, it } from "vitest";
import { previewSettings } from "./preview-settings.ts";

it("takes the base's settings, and nothing that is the base's alone", () => {
  const issuer = { issuer: "shop", audience: "tenner", algorithm: "HS256", secret: "JWT_SECRET_SHOP" };
  const base = Settings.parse({
    domain: "shop.example",
    templates: ["event-agent"],
    budget: { monthlyUsd: 50, perTenantUsd: 5 },
    access: { ips: ["203.0.113.0/24"], jwt: { issuers: [issuer] } },
  });
  const settings = Settings.parse(previewSettings(base, 1));
  expect(settings).toMatchObject({ templates: ["event-agent"], budget: { monthlyUsd: 1 } });
  expect(settings.access).toMatchObject({ ips: ["203.0.113.0/24"], jwt: { issuers: [] } });
  expect([settings.domain, settings.budget.perTenantUsd]).toEqual([undefined, undefined]);
});

it("never has more than its base", () => {
  expect(previewSettings(Settings.parse({ budget: { monthlyUsd: 0.5 } }), 1)).toEqual({ budget: { monthlyUsd: 0.5 } });
});
