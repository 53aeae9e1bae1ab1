import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBuilder } from "./build.ts";
import { openProject, type Project } from "./project.ts";

/** A template that has Vite. */
const VITE = path.resolve(import.meta.dirname, "../../../templates/valuation-app/node_modules/vite");
const CONFIGURATION = `export default {
  build: { ssr: "src/index.ts", outDir: "dist/server", emptyOutDir: true, sourcemap: true, rollupOptions: { output: { entryFileNames: "index.js" } } },
  plugins: [{ name: "client", async closeBundle() { const { mkdirSync } = await import("node:fs"); mkdirSync("dist/client", { recursive: true }); } }],
};`;

let project: Project;
let folder: string;

beforeEach(async () => {
  project = { ...openProject(), root: await mkdtemp(path.join(tmpdir(), "tenner-vite-")) };
  folder = path.join(project.root, "templates/app");
  await mkdir(path.join(folder, "node_modules"), { recursive: true });
  await symlink(VITE, path.join(folder, "node_modules/vite"));
  await write("wrangler.jsonc", '{ "name": "app", "main": "src/index.ts" }');
  await write("package.json", '{ "type": "module" }');
  await write("vite.config.ts", CONFIGURATION);
  await write("src/index.ts", 'import { word } from "./word.ts"; export default { fetch: () => new Response(word) };');
  await write("src/word.ts", 'export const word: string = "one";');
});

afterEach(() => rm(project.root, { recursive: true, force: true }));

async function write(file: string, text: string): Promise<void> {
  const full = path.join(folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, text);
}

const record = async () => JSON.parse(await readFile(path.join(folder, "dist/build.json"), "utf8"));

describe("a template with a vite.config.ts", () => {
  it("is built by Vite, and not again while nothing has changed", async () => {
    const builder = await createBuilder(project, "app");
    const built = await builder.build();
    expect(built).toMatchObject({ file: path.join(folder, "dist/server/index.js"), changed: true });
    expect(await readFile(built.file, "utf8")).toContain("one");
    const { main, inputs } = await record();
    expect(main).toBe("server/index.js");
    expect(Object.keys(inputs)).toEqual([
      "package.json",
      "src/index.ts",
      "src/word.ts",
      "vite.config.ts",
      "wrangler.jsonc",
    ]);
    expect([...builder.sources]).toContain(path.join(folder, "src/word.ts"));

    // A build would put it back.
    await writeFile(built.file, "touched");
    expect(await builder.build()).toMatchObject({ changed: false });
    expect(await readFile(built.file, "utf8")).toBe("touched");

    await write("src/word.ts", 'export const word: string = "two";');
    expect(await builder.build()).toMatchObject({ changed: true });
    expect(await readFile(built.file, "utf8")).toContain("two");
    await builder.close();
  });

  it("names what does not build, and leaves no bundle that passes for the new one", async () => {
    const builder = await createBuilder(project, "app");
    await builder.build();
    await write("src/word.ts", "export const word = ;");
    await expect(builder.build()).rejects.toThrow(/^templates\/app does not build:\n[\s\S]*word\.ts/);
    expect(existsSync(path.join(folder, "dist/build.json"))).toBe(false);
    await builder.close();
  });

  it("says in plain text which import of which line is missing, and nothing of Vite's own code", async () => {
    const builder = await createBuilder(project, "app");
    await write("src/index.ts", 'export const one = 1;\nimport { word } from "./nowhere.ts"; export default word;');
    const said = await builder.build().then(
      () => "it was built",
      (error: unknown) => String(error),
    );
    expect(said).toContain("./nowhere.ts");
    expect(said).toMatch(/src\/index\.ts:2:\d+/);
    expect(said).not.toMatch(/\n\s+at /);
    expect(said).not.toContain("\u001b");
    expect(said).not.toContain("node_modules");
    await builder.close();
  });

  it("says what to do when its packages are missing", async () => {
    await rm(path.join(folder, "node_modules"), { recursive: true });
    const builder = await createBuilder(project, "app");
    await expect(builder.build()).rejects.toThrow("templates/app: Vite is not installed: run pnpm install");
  });
});
