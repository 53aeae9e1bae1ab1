import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BucketError, destroy, listResources, openStore, removeStack } from "../src/index.ts";
import { createProject, steps, type TestProject } from "./project.ts";
import { kv, queue, upWith } from "./run-goals.ts";
import { type StubApi, startStubApi } from "./stub-api.ts";

/** A bucket of a real server, e.g. `s3://bucket?endpoint=http://127.0.0.1:9000&region=us-east-1`, with its keys in `AWS_…`. */
const given = process.env["TENNER_S3_TEST_URL"];
const url = new URL(given ?? "s3://bucket");
url.pathname = `/tenner-test-${randomUUID()}`;

let api: StubApi;
let project: TestProject;

beforeAll(async () => {
  api = await startStubApi();
  const made = await createProject("", api.url);
  project = { ...made, options: { ...made.options, backend: url.href } };
});

afterAll(async () => {
  if (given !== undefined) await openStore({ backend: url.href }).removeAll(".pulumi");
  await project.remove();
  await api.close();
});

it.runIf(given)("a stack is made, changed, destroyed and forgotten", async () => {
  await upWith(project, (register) => Promise.all([register(kv("a")), register(queue("b"))]));
  await upWith(project, (register) => Promise.all([register(kv("a")), register(kv("c"))]));
  expect(steps(project.events)).toEqual(["create c", "delete b"]);
  expect((await listResources(project.options)).map(({ name }) => name)).toEqual(expect.arrayContaining(["a", "c"]));
  const store = openStore({ backend: url.href });
  expect(await store.names(".pulumi/stacks/lab")).toEqual(["dev.json", "dev.json.bak"]);
  expect(await store.names(".pulumi/locks/organization/lab/dev")).toEqual([]);
  await destroy(project.options);
  await removeStack(project.options);
  expect(await store.names(".pulumi/stacks/lab")).toEqual([]);
});

it.runIf(given)("names that need encoding, more than a page of them, and a write over another's", async () => {
  const store = openStore({ backend: url.href });
  const odd = `a b+c&<d>'"(é*!~#?=;@$,)%2F.json`;
  await store.write(`.pulumi/odd/${odd}`, "text");
  expect(await store.names(".pulumi/odd")).toEqual([odd]);
  expect(await store.read(`.pulumi/odd/${odd}`)).toBe("text");
  const names = Array.from({ length: 1_010 }, (_, n) => `${n}.json`);
  while (names.length > 0)
    await Promise.all(names.splice(0, 20).map((name) => store.write(`.pulumi/many/${name}`, "{}")));
  expect((await store.names(".pulumi/many")).length).toBe(1_010);
  await store.removeAll(".pulumi/many");
  expect(await store.names(".pulumi/many")).toEqual([]);

  const other = openStore({ backend: url.href });
  await store.write(".pulumi/state.json", "first", ".pulumi/state.json.bak");
  await other.write(".pulumi/state.json", "second", ".pulumi/state.json.bak");
  const late = store.write(".pulumi/state.json", "late", ".pulumi/state.json.bak");
  await expect(late).rejects.toMatchObject({ code: "Conflict" });
  expect(await store.read(".pulumi/state.json")).toBe("second");
});

it.runIf(given)("a wrong key and a bucket that is not there", async () => {
  const wrong = openStore({
    backend: url.href,
    environment: { AWS_SECRET_ACCESS_KEY: "another-secret-of-some-length-12345" },
  });
  await expect(wrong.read("any")).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
  const missing = openStore({ backend: url.href.replace(/^s3:\/\/[^/?]+/, "s3://tenner-no-such-bucket") });
  await expect(missing.read("any")).rejects.toThrow(BucketError);
});
