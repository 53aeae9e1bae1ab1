import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openProject, type Project } from "./project.ts";
import { runPulumi } from "./run-pulumi.ts";

let folder: string;
let project: Project;

/** What the stand-in for the CLI was started with. */
const called = async () => (await readFile(path.join(folder, "called"), "utf8")).trimEnd();

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "tenner-pulumi-"));
  project = openProject({ TENNER_HOME: path.join(folder, "home"), TENNER_INFRA: folder });
  const script = `#!/bin/sh
[ -z "$PULUMI_BACKEND_URL" ] || [ -d "\${PULUMI_BACKEND_URL#file://}" ] || exit 7
echo "$PULUMI_BACKEND_URL $PULUMI_STACK $*" > '${folder}/called'
`;
  await writeFile(path.join(folder, "pulumi"), script, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  vi.stubEnv("PULUMI_BACKEND_URL", undefined);
  vi.stubEnv("PULUMI_STACK", undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it.each([[["preview"]], [["preview", "-s", "local"]], [["up", "--stack=local"]], [["config", "-s", "local"]]])(
  "says how to make the local stack before %j looks for it",
  async (words) => {
    await expect(runPulumi(project, words)).rejects.toThrow("The local stack local does not exist yet: `npm start`");
    await expect(called()).rejects.toThrow("ENOENT");
  },
);

it("runs what needs no stack on a fresh checkout, in a state folder that is there", async () => {
  expect(await runPulumi(project, ["stack", "ls"])).toBe(0);
  expect(await called()).toBe(`file://${project.state} local stack ls`);
});

it("runs on the local stack once it is there", async () => {
  await mkdir(path.join(project.state, ".pulumi/stacks/tenner"), { recursive: true });
  await writeFile(path.join(project.state, ".pulumi/stacks/tenner/local.json"), "{}");
  await writeFile(project.passphraseFile, "words\n");
  expect(await runPulumi(project, ["stack", "select", "local"])).toBe(0);
  expect(await called()).toBe(`file://${project.state} local stack select local`);
});

it("leaves a stack of another backend to the CLI, from its first command on", async () => {
  expect(await runPulumi(project, ["stack", "init", "production"])).toBe(0);
  expect(await called()).toBe("  stack init production");
});
