import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fetchFile } from "../src/adapters/fetch-file.ts";
import { openSource } from "../src/adapters/source-store.ts";
import { receiveUpload, storeDocument, uploadFormat } from "../src/adapters/upload.ts";

const MIB = 1_048_576;

/** A stream of these pieces, then its end or a failure. */
function streamOf(pieces: Iterable<Uint8Array | string>, end?: Error): ReadableStream<Uint8Array> {
  const each = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = each.next();
      if (!done) controller.enqueue(typeof value === "string" ? new TextEncoder().encode(value) : value);
      else if (end) controller.error(end);
      else controller.close();
    },
  });
}

/** Does not fit into parts evenly. */
const PIECE = Uint8Array.from({ length: 300_007 }, (_, at) => at % 251);

function* mebibytes(count: number): Generator<Uint8Array> {
  for (let left = count * MIB; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
}

async function sha256(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  const writer = digest.getWriter();
  for await (const piece of pieces) await writer.write(piece);
  await writer.close();
  return Array.from(new Uint8Array(await digest.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const keysBelow = async (prefix: string) => (await env.FILES.list({ prefix })).objects.map((object) => object.key);

describe("an upload", () => {
  const receive = (key: string, body: BodyInit, more: { maxBytes?: number; headers?: Record<string, string> } = {}) =>
    receiveUpload(env.FILES, new Request("http://x", { method: "POST", body, headers: more.headers ?? {} }), {
      key,
      format: "ndjson",
      maxBytes: more.maxBytes ?? 100 * MIB,
      waitUntil: () => undefined,
    });

  it.each([
    ["a few bytes", 1 / 1024],
    ["exactly one part", 8],
    ["two parts and a bit", 16.5],
  ])("of unknown length is kept whole: %s", async (name, count) => {
    const stored = await receive(`whole/${name}`, streamOf(mebibytes(count)));
    const object = await env.FILES.get(`whole/${name}`);
    expect(stored.bytes).toBe(count * MIB);
    expect(object?.size).toBe(count * MIB);
    expect(stored.sha256).toBe(await sha256(mebibytes(count)));
    expect(await sha256(object?.body ?? [])).toBe(stored.sha256);
    expect(await openSource(env.FILES, `whole/${name}`)).toMatchObject({
      format: "ndjson",
      source: { size: count * MIB },
    });
  });

  it.each([
    ["at its beginning", 0.1],
    ["in its second part", 9],
  ])("that breaks off %s leaves nothing", async (name, count) => {
    const key = `cut/${name}`;
    const cut = receive(key, streamOf(mebibytes(count), new Error("connection lost")));
    await expect(cut).rejects.toMatchObject({
      status: 400,
      code: "upload_cut_off",
      message: expect.stringMatching(/send it again/),
    });
    expect(await keysBelow(key)).toEqual([]);
  });

  it("that ends before its announced length leaves nothing", async () => {
    const short = receive("cut/short", streamOf(["1\n2\n"]), { headers: { "content-length": "400" } });
    await expect(short).rejects.toMatchObject({ code: "upload_cut_off" });
    expect(await keysBelow("cut/short")).toEqual([]);
  });

  it.each([
    ["found on the way", streamOf(mebibytes(10)), {}],
    ["announced", streamOf([]), { headers: { "content-length": String(10 * MIB) } }],
  ])("over the limit is refused, %s, and leaves nothing", async (name, body, more) => {
    const tooLarge = receive(`large/${name}`, body, { maxBytes: 9 * MIB, ...more });
    await expect(tooLarge).rejects.toMatchObject({ status: 413, code: "body_too_large" });
    expect(await keysBelow("large/")).toEqual([]);
  });

  it("with nothing in it is refused", async () => {
    await expect(receive("empty", streamOf([]))).rejects.toMatchObject({ status: 400, code: "empty_batch" });
    expect(await keysBelow("empty")).toEqual([]);
  });

  it.each([
    ["application/x-ndjson", "ndjson"],
    ["application/jsonl; charset=UTF-8", "ndjson"],
    ['text/csv; header=present; charset="utf-16"', "csv"],
    ["Application/JSON", "json"],
  ])("of type %s is taken as %s", (type, format) => {
    expect(uploadFormat(new Headers({ "content-type": type }))).toBe(format);
  });

  it.each([
    ["another type", { "content-type": "application/vnd.ms-excel" }, /this is application\/vnd.ms-excel/],
    ["another character set", { "content-type": "text/csv; charset=windows-1252" }, /windows-1252/],
    ["no type", {}, /without a type/],
    ["compression", { "content-type": "text/csv", "content-encoding": "gzip" }, /content-encoding gzip/],
  ])("with %s is refused, and told what there is", (_, headers, message) => {
    expect(() => uploadFormat(new Headers(headers))).toThrowError(
      expect.objectContaining({
        status: 415,
        message: expect.stringMatching(message),
        headers: { accept: "application/json, application/x-ndjson, text/csv" },
      }),
    );
  });

  it("of items within a JSON body is kept like any other", async () => {
    await storeDocument(env.FILES, "inline", '{"items":[{"text":"ä"},2]}');
    expect(await (await env.FILES.get("inline"))?.json()).toEqual({ items: [{ text: "ä" }, 2] });
    expect(await openSource(env.FILES, "inline")).toMatchObject({ format: "json" });
  });
});

describe("a file that is fetched", () => {
  const fetched = (path: string, more: { timeoutMs?: number; allowedHosts?: string[] } = {}) =>
    fetchFile(env.FILES, {
      url: path.startsWith("http") ? path : `${env.TEST_FILES_URL}${path}`,
      key: `fetched${path}`,
      maxBytes: 100_000,
      timeoutMs: more.timeoutMs ?? 10_000,
      allowedHosts: more.allowedHosts ?? ["127.0.0.1"],
    });

  it.each([
    ["/three.csv", "csv"],
    ["/typed", "ndjson"],
    ["/redirect", "csv"],
  ])("from %s is kept as %s", async (path, format) => {
    await fetched(path);
    expect(await openSource(env.FILES, `fetched${path}`)).toMatchObject({ format });
  });

  it.each<[string, string, object, object]>([
    ["is at an inner address", "http://10.0.0.1/a.csv", {}, { code: "file_forbidden", message: /inside the network/ }],
    ["redirects to one", "/redirect?to=http://169.254.169.254/a.csv", {}, { code: "file_forbidden" }],
    ["redirects for ever", "/redirect?to=/for-ever", {}, { code: "file_forbidden", message: /redirects/ }],
    ["never says anything", "/silent.csv", { timeoutMs: 200 }, { code: "file_timeout", message: /0.2 seconds/ }],
    ["drips for ever", "/drip.csv", { timeoutMs: 200 }, { code: "file_timeout" }],
    ["never ends", "/endless.csv", {}, { code: "file_too_large", message: /100000 bytes/ }],
    ["says that it is too large", "/large.csv", {}, { code: "file_too_large" }],
    ["is not there", "/missing.csv", {}, { code: "file_unreachable", message: /404/ }],
    ["is a web page", "/login.csv", {}, { code: "file_format_unknown", message: /text\/html/ }],
    ["does not say what it is", "/untyped", {}, { code: "file_format_unknown", message: /no content type/ }],
    ["is empty", "/empty.csv", {}, { code: "empty_batch" }],
    ["is on a busy server", "/busy.csv", {}, { name: "FileNotThere", message: /503/ }],
    ["breaks off", "/cut.csv", {}, { name: "FileNotThere" }],
    ["is on no server", "http://127.0.0.1:1/a.csv", {}, { name: "FileNotThere", message: /cannot be reached/ }],
  ])("and %s is refused by name, and nothing is kept", async (_, path, more, error) => {
    const expected = "message" in error ? { ...error, message: expect.stringMatching(error.message as RegExp) } : error;
    await expect(fetched(path, more)).rejects.toMatchObject(expected);
    expect(await keysBelow(`fetched${path}`)).toEqual([]);
  });
});
