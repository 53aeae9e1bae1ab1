// Pictures of the pages of a preview in the local cloud: node pictures.ts <report of preview-stack up --json> <folder>
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, devices } from "@playwright/test";

interface Report {
  readonly stack: string;
  readonly where: string;
  readonly addresses: readonly { readonly template: string; readonly url: string }[];
}

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) throw new Error("node pictures.ts <report> <folder>");
const { stack, where, addresses } = JSON.parse(readFileSync(file, "utf8")) as Report; // the command's own JSON
// A picture can be downloaded by anybody: none is made with a key that opens something which lives on.
if (where !== "local") throw new Error("pictures are made of previews in the local cloud only");

const main = fileURLToPath(new URL("../packages/cli/src/main.ts", import.meta.url));
const words = [main, "outputs", "--stack", stack, "--show-secrets", "--json"];
const outputs = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as {
  templates: Record<string, { apiKey?: string }>;
}; // as above
mkdirSync(folder, { recursive: true });
const executablePath = process.env["CHROMIUM_PATH"];
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  chromiumSandbox: process.getuid?.() !== 0,
});
try {
  for (const [size, device] of Object.entries({ desktop: {}, phone: devices["Pixel 7"] })) {
    const context = await browser.newContext({ ...device, reducedMotion: "reduce" });
    for (const { template, url } of addresses) {
      const page = await context.newPage();
      const key = outputs.templates[template]?.apiKey;
      await page.goto(key === undefined ? url : `${url}/#key=${key}`, { waitUntil: "load" });
      await page.screenshot({ path: path.join(folder, `${template}-${size}.png`), fullPage: true });
      await page.close();
    }
    await context.close();
  }
} finally {
  await browser.close();
}
