import { createServer } from "node:http";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBucketUrl } from "../src/bucket/bucket-address.ts";
import { BucketError, openStore } from "../src/index.ts";
import { BUCKET, type S3Double, startS3Double } from "./s3-double.ts";

let s3: S3Double;

beforeEach(async () => {
  s3 = await startS3Double();
});

afterEach(() => s3.close());

const open = (more: { url?: string; environment?: Record<string, string> } = {}) =>
  openStore({ backend: more.url ?? s3.url, environment: { ...s3.environment, ...more.environment } });

describe("a bucket's files", () => {
  it.each(["plain.json", "a b+c&<d>.json", `it's "100%" (é*!~#?=;:@$,).json`, "%2F%20.json", "日本/語.txt"])(
    "are written, listed, read and deleted by their name: %s",
    async (name) => {
      const store = open({ url: s3.url.replace("?", "/team%20a/?") });
      await store.write(`dir/${name}`, `content of ${name}`);
      expect([...s3.objects.keys()]).toEqual([`team a/dir/${name}`]);
      const folder = name.includes("/") ? "dir/日本" : "dir";
      expect(await store.names(folder)).toEqual([name.split("/").at(-1)]);
      expect(await store.read(`dir/${name}`)).toBe(`content of ${name}`);
      await store.remove(`dir/${name}`);
      expect(await store.read(`dir/${name}`)).toBeUndefined();
      expect(s3.objects.size).toBe(0);
    },
  );

  it("are all listed and all removed when there are more than a page of them", async () => {
    for (let n = 0; n < 2_345; n++) s3.objects.set(`many/${n}.json`, "{}");
    s3.objects.set("many/deeper/one.json", "{}");
    s3.objects.set("many.json", "{}");
    const names = await open().names("many");
    expect(names.length).toBe(2_345);
    expect(new Set(names).size).toBe(2_345);
    for (let n = 50; n < 2_345; n++) s3.objects.delete(`many/${n}.json`);
    await open().removeAll("many");
    expect([...s3.objects.keys()]).toEqual(["many.json"]);
  });

  it("are replaced only where nobody else has replaced them: an old one never stands over a newer", async () => {
    const [slow, other] = [open(), open()];
    await slow.write("state.json", "first", "state.json.bak");
    await other.write("state.json", "second", "state.json.bak");
    const late = slow.write("state.json", "late", "state.json.bak");
    await expect(late).rejects.toMatchObject({ code: "Conflict" });
    await expect(slow.write("state.json", "later", "state.json.bak")).rejects.toThrow("changed by somebody else");
    expect(s3.objects.get("state.json")).toBe("second");
  });

  it("are not made by two who both found nothing", async () => {
    const [one, other] = [open(), open()];
    expect(await one.read("state.json")).toBeUndefined();
    await other.write("state.json", "theirs", "state.json.bak");
    await expect(one.write("state.json", "mine", "state.json.bak")).rejects.toMatchObject({ code: "Conflict" });
    expect(s3.objects.get("state.json")).toBe("theirs");
  });

  it("are written without that condition where the server knows none", async () => {
    s3.fault = (_method, _key, conditional) => (conditional ? { status: 501, code: "NotImplemented" } : undefined);
    const store = open();
    for (const text of ["one", "two"]) await store.write("state.json", text, "state.json.bak");
    expect(Object.fromEntries(s3.objects)).toEqual({ "state.json": "two", "state.json.bak": "one" });
  });

  it("keep the one before as their backup", async () => {
    const store = open();
    for (const text of ["one", "two", "three"]) await store.write("state.json", text, "state.json.bak");
    expect(Object.fromEntries(s3.objects)).toEqual({ "state.json": "three", "state.json.bak": "two" });
  });
});

describe("a server that stumbles", () => {
  const stumble = (fault: NonNullable<ReturnType<S3Double["fault"]>>, times: number) => {
    let left = times;
    s3.fault = (method) => (method === "PUT" && left-- > 0 ? fault : undefined);
  };

  it.each([
    ["is too busy", { status: 503, code: "SlowDown" }],
    ["asks for fewer requests", { status: 429, code: "TooManyRequests" }],
    ["fails", { status: 500, code: "InternalError" }],
    ["ends the connection", "cut"],
    ["does it and ends the connection before it says so", "lost"],
  ] as const)("is asked again when it %s", async (_, fault) => {
    const store = open();
    expect(await store.read("state.json")).toBeUndefined();
    stumble(fault, 2);
    await store.write("state.json", "text", "state.json.bak");
    await store.write("state.json", "more", "state.json.bak");
    expect(s3.objects.get("state.json")).toBe("more");
  });

  it("is told of when it goes on to stumble, and once more at once after that", { timeout: 30_000 }, async () => {
    s3.fault = () => ({ status: 503, code: "SlowDown" });
    const store = open();
    await expect(store.read("state.json")).rejects.toThrow("the server could not answer, in several tries");
    expect(s3.calls.length).toBe(5);
    await expect(store.read("state.json")).rejects.toThrow("SlowDown");
    expect(s3.calls.length).toBe(6);
  });
});

describe("a refusal says what to do", () => {
  const KEYS = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };

  it.each([
    [
      "another key's secret",
      { AWS_SECRET_ACCESS_KEY: "not-the-secret-of-this-key" },
      "SignatureDoesNotMatch",
      "does not belong to AWS_ACCESS_KEY_ID",
    ],
    ["a key that is not known", { AWS_ACCESS_KEY_ID: "AKIDOTHER" }, "InvalidAccessKeyId", "the key is not known there"],
  ])("to %s", async (_, environment, code, advice) => {
    const keys: Record<string, string> = { ...s3.environment, ...environment };
    const refused = await open({ environment: keys })
      .read("state.json")
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code });
    expect(String(refused)).toContain(advice);
    expect(inspect(refused)).not.toContain(keys["AWS_SECRET_ACCESS_KEY"]);
  });

  it.each([
    [403, "AccessDenied", "needs to read, write, list and delete"],
    [403, "RequestTimeTooSkewed", "clock of this machine is wrong"],
    [400, "ExpiredToken", "get a new AWS_SESSION_TOKEN"],
    [301, "PermanentRedirect", 'not in the region "auto"'],
    [403, "", "access is denied"],
  ])("to %i %s", async (status, code, advice) => {
    s3.fault = () => ({ status, code });
    await expect(open().read("state.json")).rejects.toThrow(advice);
  });

  it("to a bucket that is not there, for reading, writing and listing alike", async () => {
    const store = open({ url: s3.url.replace(BUCKET, "elsewhere") });
    const missing = "there is no such bucket";
    await expect(store.read("state.json")).rejects.toThrow(missing);
    await expect(store.write("state.json", "{}")).rejects.toThrow(missing);
    await expect(store.names("folder")).rejects.toThrow(missing);
  });

  it("to an endpoint where nobody answers", async () => {
    await s3.close();
    await expect(open().read("state.json")).rejects.toThrow(`${s3.endpoint} could not be reached`);
    await s3.open();
  });

  it("to a server that speaks something else", async () => {
    const server = createServer((_, response) => response.writeHead(404).end("<html><body>not here<br></body>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const url = `s3://states?endpoint=http://127.0.0.1:${port}&region=auto`;
    await expect(open({ url }).names("folder")).rejects.toThrow("the request was refused (status 404)");
    await new Promise((resolve) => server.close(resolve));
  });

  it("to missing keys", () => {
    expect(() => open({ environment: KEYS })).toThrow("needs AWS_ACCESS_KEY_ID: set AWS_ACCESS_KEY_ID and");
    expect(() => open({ environment: { AWS_SECRET_ACCESS_KEY: "" } })).toThrow("needs AWS_SECRET_ACCESS_KEY");
  });

  it.each([
    ["s3://b?endpoint=host&region=auto&role=arn:aws:x", 'the parameter "role" is not supported'],
    ["s3://b?endpoint=host", "it names no region"],
    ["s3:///folder?region=auto", "it names no bucket"],
    ["s3://key:secret@b?region=auto", "s3://…@b?region=auto cannot be used: it has a user or a key in it"],
    ["s3://b?region=auto&endpoint=https://host/path", "its endpoint"],
    ["s3://b?region=auto&use_path_style=yes", 'use_path_style is "yes"'],
    ["s3://b/a//b?region=auto", "has"],
    ["gs://b", "not at gs://"],
  ])("to the address %s", (url, reason) => {
    const opening = () => open({ url, environment: { AWS_REGION: "" } });
    expect(opening).toThrow(BucketError);
    expect(opening).toThrow(reason);
  });
});

it.each([
  [
    "s3://b?endpoint=acc.r2.cloudflarestorage.com&region=auto",
    ["https://acc.r2.cloudflarestorage.com", true, "auto", ""],
  ],
  ["s3://b?endpoint=acc.r2.cloudflarestorage.com", ["https://acc.r2.cloudflarestorage.com", true, "auto", ""]],
  ["s3://b?endpoint=https://host:9000&region=x&awssdk=v2", ["https://host:9000", true, "x", ""]],
  ["s3://b?endpoint=host:9000&region=x&disable_https=true", ["http://host:9000", true, "x", ""]],
  ["s3://b?region=eu-west-1", ["https://s3.eu-west-1.amazonaws.com", false, "eu-west-1", ""]],
  ["s3://b/team/a?region=x&s3ForcePathStyle=true", ["https://s3.x.amazonaws.com", true, "x", "team/a/"]],
  ["s3://b/a?region=x&prefix=p-", ["https://s3.x.amazonaws.com", false, "x", "p-a/"]],
])("reads the address %s as the Pulumi CLI does", (url, expected) => {
  const { endpoint, pathStyle, region, prefix } = readBucketUrl(url, {});
  expect([endpoint, pathStyle, region, prefix]).toEqual(expected);
});

it("signs with a session's token", async () => {
  await open({ environment: { AWS_SESSION_TOKEN: "token/of+a=session" } }).write("state.json", "{}");
  expect(s3.objects.has("state.json")).toBe(true);
});
