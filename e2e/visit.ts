import path from "node:path";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** What browsers complain about during a test: errors and warnings in the console, exceptions, requests that failed. */
class Complaints {
  readonly #heard: string[] = [];
  readonly #expected: RegExp[] = [];

  /** Listens to all pages of a browser's context. The `page` of a test is listened to anyway. */
  listenTo(context: BrowserContext): void {
    context.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        this.#heard.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.#heard.push(`exception: ${String(error.error())}`));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // A page that is left, or a script that changed its mind, lets go of what it had asked for. What a policy forbids is
      // told by the console; where scripts are off, Chromium says of each that it was.
      if (!["net::ERR_ABORTED", "csp"].includes(reason))
        this.#heard.push(`${reason}: ${request.method()} ${request.url()}`);
    });
  }

  /** Says which complaints a test is about: those that match are none. */
  expect(...patterns: readonly RegExp[]): void {
    this.#expected.push(...patterns);
  }

  /** What was heard and not expected. */
  unexpected(): readonly string[] {
    return this.#heard.filter((each) => !this.#expected.some((pattern) => pattern.test(each)));
  }
}

/** A test whose browser may not complain: what it does not expect of {@link Complaints} fails it. */
export const test = base.extend<{ complaints: Complaints }>({
  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints();
      complaints.listenTo(context);
      await use(complaints);
      expect(complaints.unexpected(), "complaints of the browser").toEqual([]);
    },
    { auto: true },
  ],
});

const PHONE = { width: 360, height: 740 };
/** Of what repeats, so many are looked at. */
const REPEATED = ["tr:nth-of-type(n+9)", "li:nth-of-type(n+25)", "section:nth-of-type(n+9)"];
/** Pixels: pictures of long pages end here. */
const TALLEST = 3_000;

/**
 * Holds a page, as it is now, to what holds for all of them: axe finds nothing in the light and in the dark, and it fits a
 * phone. Pictures of the three looks are left in `test-results/pages`.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  await page.emulateMedia({ colorScheme: "light" });
  expect.soft(await violationsOn(page), `axe on ${name}, light`).toEqual([]);
  await picture(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: "dark" });
  // Nothing else is another in the dark.
  expect.soft(await violationsOn(page, "color-contrast"), `axe on ${name}, dark`).toEqual([]);
  await picture(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(PHONE);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect.soft(width, `${name} fits a phone`).toBeLessThanOrEqual(PHONE.width);
  await picture(page, `${name}-phone`);
  if (before) await page.setViewportSize(before);
}

/** What axe finds, each with the places; only of one rule where one is named. */
async function violationsOn(page: Page, rule?: string): Promise<readonly string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(
    async ({ only, exclude }) => {
      const { run } = (window as unknown as { axe: typeof import("axe-core") }).axe; // put there above
      const { violations } = await run(
        { include: document, exclude },
        {
          resultTypes: ["violations"],
          ...(only !== undefined && { runOnly: { type: "rule", values: [only] } }),
        },
      );
      return violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
      );
    },
    { only: rule, exclude: REPEATED },
  );
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = path.join(test.info().project.outputDir, "pages");
  const [width, height] = await page.evaluate(() => [innerWidth, document.documentElement.scrollHeight] as const);
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, clip, scale: "css" });
}

export { expect };
