import { expect, it } from "vitest";
import { describeLog } from "./cloud-session.ts";

it.each([
  ["log", "plain words", "plain words"],
  ["error", "plain words", "error plain words"],
  [
    "log",
    '{"level":"info","event":"request","at":"2026","request_id":"r","path":"/v1/jobs","status":202}',
    "request path=/v1/jobs status=202",
  ],
  ["log", '{"level":"warn","event":"retry","reason":{"code":1}}', 'warn retry reason={"code":1}'],
  ["log", '{"a":1}', "a=1"],
  ["log", "{not json", "{not json"],
])("shows a line of level %s", (level, message, shown) => {
  expect(describeLog({ level, message })).toBe(shown);
});
