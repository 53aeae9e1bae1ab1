import path from "node:path";
import { expect, test } from "@playwright/test";
import { readGuides } from "@tenner/cli/guides";
import { Checkout, type Running } from "@tenner/cli/testing";
import { followGuide, meetTroubles } from "./run-guide.ts";

// A guide is many commands, each of them a start of the CLI.
test.setTimeout(120_000);

let checkout: Checkout;
let running: Running;

test.beforeAll(async () => {
  checkout = new Checkout();
  running = await checkout.start("--no-watch");
});
test.afterAll(async () => {
  await running.end();
  checkout.remove();
});

const guides = readGuides(path.resolve(import.meta.dirname, ".."));

for (const guide of guides) {
  if (guide.blocks.some(({ mark }) => mark === "test")) {
    test(`the guide "${guide.name}" does what it says`, async () => {
      expect(await followGuide(checkout, guide)).toEqual([]);
    });
  }
  if (guide.blocks.some(({ mark }) => mark === "fails")) {
    test(`what goes wrong in the guide "${guide.name}" is said as it quotes`, async () => {
      expect(await meetTroubles(checkout, guide)).toEqual([]);
    });
  }
}
