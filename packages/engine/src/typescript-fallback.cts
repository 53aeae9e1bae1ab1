// Preloaded into the program. Pulumi serialises dynamic providers with TypeScript's compiler API, which TypeScript 7 does
// not have: where only that one is found, Pulumi shall use the TypeScript it brings along, as if there were none.
const nodeModule: typeof import("node:module") & {
  _resolveFilename(request: string, ...rest: unknown[]): string;
} = require("node:module");
const resolveFilename = nodeModule._resolveFilename.bind(nodeModule);
nodeModule._resolveFilename = (request, ...rest) => {
  const found = resolveFilename(request, ...rest);
  if (request === "typescript" && majorVersion(found) >= 7) {
    throw Object.assign(new Error(`${found} has no compiler API`), { code: "MODULE_NOT_FOUND" });
  }
  return found;
};

function majorVersion(file: string): number {
  const fs: typeof import("node:fs") = require("node:fs");
  const root = /^.*[\\/]node_modules[\\/]typescript[\\/]/.exec(file)?.[0];
  if (root === undefined) return 0;
  const manifest: { version?: string } = JSON.parse(fs.readFileSync(`${root}package.json`, "utf8"));
  return Number.parseInt(manifest.version ?? "0", 10);
}
