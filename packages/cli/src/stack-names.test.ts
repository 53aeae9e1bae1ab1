import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LOCAL_STACK, openStack } from "./local-stack.ts";
import { openProject, type Project } from "./project.ts";
import { refuseUnknownStack, stackNames } from "./stack-names.ts";
import { stackTemplates } from "./stack-templates.ts";

let directory: string;
let project: Project;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tenner-stacks-"));
  project = openProject({ TENNER_INFRA: directory, TENNER_HOME: join(directory, "home") });
  for (const name of ["acme", "production.example", "local"]) {
    writeFileSync(join(directory, `Pulumi.${name}.yaml`), "config: {}\n");
  }
  for (const file of ["Pulumi.yaml", "Pulumi..globex.draft.yaml", "settings.ts"]) {
    writeFileSync(join(directory, file), "");
  }
});
afterEach(() => rmSync(directory, { recursive: true }));

it("knows stacks by their settings, and takes neither the example nor a customer that is being written for one", () => {
  expect(stackNames(project)).toEqual(["acme", "local"]);
});

it.each(["acne", "production.example", "../acme", ""])(
  "refuses a stack %j that is not there, naming those that are",
  async (stack) => {
    const refused = /There is no stack.*There is: acme, local\./;
    expect(() => refuseUnknownStack(project, stack)).toThrow(refused);
    await expect(openStack(project, stack)).rejects.toThrow(refused);
    await expect(stackTemplates(project, stack)).rejects.toThrow(refused);
  },
);

it("lets the first stack of a checkout be made", async () => {
  rmSync(join(directory, "Pulumi.local.yaml"));
  expect(await openStack(project, LOCAL_STACK)).toMatchObject({ stack: "local" });
});
