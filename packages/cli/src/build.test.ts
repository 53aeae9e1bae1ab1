import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Builder, buildAll, createBuilder } from "./build.ts";
import { openProject, type Project } from "./project.ts";

let project: Project;
let builder: Builder | undefined;

beforeEach(async () => {
  const root = await mkdtemp(path.join(tmpdir(), "tenner-build-"));
  project = { ...openProject(), root };
  await write("wrangler.jsonc", '{ "name": "tiny", "main": "src/index.ts" } // with a comment');
  await write("src/index.ts", 'import { word } from "./word.ts"; export default { fetch: () => new Response(word) };');
  await write("src/word.ts", 'export const word: string = "one";');
});

afterEach(async () => {
  await builder?.close();
  builder = undefined;
  await rm(project.root, { recursive: true, force: true });
});

async function write(file: string, text: string): Promise<void> {
  const full = path.join(project.root, "templates/tiny", file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, text);
}

describe("createBuilder", () => {
  it("bundles into one module and says which sources it holds", async () => {
    builder = await createBuilder(project, "tiny");
    const built = await builder.build();
    expect(await readFile(built.file, "utf8")).toContain("one");
    const description = JSON.parse(await readFile(path.join(path.dirname(built.file), "build.json"), "utf8"));
    expect(Object.keys(description.inputs)).toEqual(["src/index.ts", "src/word.ts"]);
    expect([...builder.sources]).toContain(path.join(project.root, "templates/tiny/src/word.ts"));
  });

  it("tells whether the bundle changed", async () => {
    builder = await createBuilder(project, "tiny");
    expect((await builder.build()).changed).toBe(true);
    expect((await builder.build()).changed).toBe(false);
    await write("src/word.ts", 'export const word: string = "two";');
    expect((await builder.build()).changed).toBe(true);
  });

  it("names file, line and text of a mistake, and keeps the old bundle", async () => {
    builder = await createBuilder(project, "tiny");
    const built = await builder.build();
    const before = await readFile(built.file, "utf8");
    await write("src/word.ts", "export const word = ;");
    await expect(builder.build()).rejects.toThrow(/templates\/tiny\/src\/word\.ts:1:21 {2}Unexpected ";"/);
    expect(await readFile(built.file, "utf8")).toBe(before);
  });

  it("minifies when wrangler.jsonc says so; stack traces name functions all the same, and the map has their source", async () => {
    await write(
      "src/index.ts",
      `function findCustomer(wantedName: string): never { throw new Error(wantedName); }
       export class JobRunner { start(): void { findCustomer("Ada"); } }
       export default { fetch: () => new JobRunner().start() };`,
    );
    for (const minify of [false, true]) {
      await write("wrangler.jsonc", JSON.stringify({ main: "src/index.ts", minify }));
      builder = await createBuilder(project, "tiny");
      const built = await builder.build();
      await builder.close();
      const { default: worker, JobRunner } = await import(`${built.file}?${minify}`);
      expect(JobRunner.name).toBe("JobRunner");
      expect(() => worker.fetch()).toThrow(
        expect.objectContaining({ stack: expect.stringMatching(/at findCustomer .*\n.*at \w+\.start /) }),
      );
      expect(await readFile(built.file, "utf8")).toContain("//# sourceMappingURL=index.js.map");
      const map = JSON.parse(await readFile(`${built.file}.map`, "utf8"));
      expect(map).toMatchObject({
        sources: ["../src/index.ts"],
        sourcesContent: [expect.stringContaining("wantedName")],
      });
      expect((await readFile(built.file, "utf8")).includes("wantedName")).toBe(!minify);
    }
  });

  it("refuses a template without an entry file by name", async () => {
    await write("wrangler.jsonc", "{}");
    await expect(createBuilder(project, "tiny")).rejects.toThrow(
      'templates/tiny/wrangler.jsonc: "main" must name the entry file',
    );
  });

  it("refuses a minify that is no switch", async () => {
    await write("wrangler.jsonc", '{ "main": "src/index.ts", "minify": "yes" }');
    await expect(createBuilder(project, "tiny")).rejects.toThrow(
      'templates/tiny/wrangler.jsonc: "minify" must be true or false',
    );
  });
});

describe("buildAll", () => {
  const build = async () => {
    const [built] = await buildAll(project, ["tiny"]);
    if (!built) throw new Error("nothing was built");
    return { ...built, builtAt: (await stat(built.file)).mtimeMs };
  };

  it("leaves a bundle where nothing has changed", async () => {
    const first = await build();
    expect(await build()).toMatchObject({ file: first.file, size: first.size, changed: false, builtAt: first.builtAt });
  });

  it.each([
    ["a source", "src/word.ts", 'export const word: string = "two";'],
    ["the configuration", "wrangler.jsonc", '{ "main": "src/index.ts", "minify": true }'],
    ["an installed package", "../../pnpm-lock.yaml", "lockfileVersion: 9"],
    ["the record of the build", "dist/build.json", '{"main": "index.js", "inp'],
  ])("builds again after a change of %s", async (_, file, text) => {
    const first = await build();
    await write(file, text);
    expect((await build()).builtAt).toBeGreaterThan(first.builtAt);
  });

  it("builds again what is gone", async () => {
    await rm((await build()).file);
    expect((await build()).size).toBeGreaterThan(0);
  });
});
