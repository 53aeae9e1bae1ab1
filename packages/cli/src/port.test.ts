import { expect, it } from "vitest";
import { DEFAULT_PORT } from "./local-stack.ts";
import { parsePort } from "./port.ts";

it.each([
  [undefined, {}, DEFAULT_PORT],
  [undefined, { TENNER_PORT: "9000" }, 9000],
  ["0", { TENNER_PORT: "9000" }, 0],
  ["65535", {}, 65535],
])("takes %s with %j as %i", (argument, environment, port) => {
  expect(parsePort(argument, environment)).toBe(port);
});

it.each(["http", "-1", "65536", "80.5"])("refuses %s and names it", (argument) => {
  expect(() => parsePort(argument, {})).toThrow(`port: "${argument}" is not a number between 0 and 65535`);
});
