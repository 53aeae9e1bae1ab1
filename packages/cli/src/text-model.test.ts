import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openProject, type Project } from "./project.ts";
import { chosenTextModel } from "./text-model.ts";

let home: string;
let project: Project;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "tenner-model-"));
  project = openProject({ TENNER_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

it.each([{}, { TENNER_MODEL: "" }, { TENNER_UPSTREAM_URL: "http://127.0.0.1:1/v1" }])(
  "chooses no model from %j",
  (environment) => {
    expect(chosenTextModel(project, environment)).toBeUndefined();
  },
);

it.each([
  [{ TENNER_MODEL: "gpt" }, /no model "gpt". The models are: smollm2/],
  [{ TENNER_MODEL: "smollm2" }, /not installed. Install it with: \.\/tenner model install smollm2/],
  [{ TENNER_MODEL: "smollm2", TENNER_UPSTREAM_URL: "http://127.0.0.1:1/v1" }, /Leave one of them out/],
])("refuses %j", (environment, reason) => {
  expect(() => chosenTextModel(project, environment)).toThrow(reason);
});
