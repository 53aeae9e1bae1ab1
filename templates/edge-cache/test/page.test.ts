import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import sharedApi from "../../../packages/worker-kit/src/api.js?raw";
import sharedStyle from "../../../packages/worker-kit/src/family.css?raw";
import sharedPage from "../../../packages/worker-kit/src/page.js?raw";
import publishedCharts from "../node_modules/uplot/dist/uPlot.iife.min.js?raw";
import publishedChartStyle from "../node_modules/uplot/dist/uPlot.min.css?raw";
import ownApi from "../public/api.js?raw";
import dashboard from "../public/dashboard.html?raw";
import ownStyle from "../public/family.css?raw";
import playground from "../public/index.html?raw";
import ownPage from "../public/page.js?raw";
import ownChartStyle from "../public/uplot.min.css?raw";
import ownCharts from "../public/uplot.min.js?raw";

const asset = (path: string) => env.ASSETS.fetch(`https://edge-cache.test${path}`);

describe.each([
  ["/", playground],
  ["/dashboard", dashboard],
])("the page %s", (address, page) => {
  it("is served with every script that it loads, and those that they load", async () => {
    expect(await (await asset(address)).text()).toBe(page);
    const seen = new Set<string>();
    const load = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const response = await asset(path);
      expect(response.status, path).toBe(200);
      const imported = [...(await response.text()).matchAll(/from "\.(\/[\w-]+\.js)"/g)];
      for (const [, name = ""] of imported) await load(name);
    };
    for (const [, path = ""] of page.matchAll(/(?:src|href)="(\/[\w.-]+\.(?:js|css))"/g)) await load(path);
    expect(seen.size).toBeGreaterThan(10);
  });

  it("has no script or style of its own inside, and nothing from another host", () => {
    expect(page).not.toMatch(/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=/i);
    expect(page.replaceAll(/placeholder="[^"]*"|http:\/\/www\.w3\.org\/2000\/svg/g, "")).not.toMatch(/https?:\/\//);
  });
});

it.each([
  ["family.css", ownStyle, sharedStyle],
  ["api.js", ownApi, sharedApi],
  ["page.js", ownPage, sharedPage],
  ["uplot.min.js", ownCharts, publishedCharts],
  ["uplot.min.css", ownChartStyle, publishedChartStyle],
])("%s is as it comes", (_, own, original) => {
  expect(own).toBe(original);
});

it("the description of the API leads to both pages", async () => {
  const response = await exports.default.fetch("https://edge-cache.test/docs");
  const nav = /<nav aria-label="Site">(.*?)<\/nav>/s.exec(await response.text())?.[1] ?? "";
  expect([...nav.matchAll(/href="([^"]+)"/g)].map(([, address]) => address)).toEqual([
    "/",
    "/dashboard",
    "/docs",
    "/openapi.json",
  ]);
});
