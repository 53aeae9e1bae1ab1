import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "./test-cloud.ts";

interface Exchange {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
  status: number;
  response: { result: Record<string, unknown> | null };
}

/** What the Pulumi provider asked for namespaces, databases and buckets, and what it was answered. */
const recorded = readFileSync(new URL("testdata/provider-exchanges.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Exchange);

/** Fields whose value is made up anew. */
const OWN = new Set(["id", "uuid", "created_at", "creation_date", "file_size"]);
const ids = new Map<string, string>();
let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

it.each(recorded)("answers $method $path with every recorded field ($status)", async (exchange) => {
  const path = exchange.path.replace(/[0-9a-f-]{32,36}/, (id) => ids.get(id) ?? id);
  const response = await fetch(`${cloud.api}/${path}`, {
    method: exchange.method,
    headers: { ...cloud.authorization, ...exchange.headers },
    ...(exchange.body !== null && { body: JSON.stringify(exchange.body) }),
  });
  const answer = (await response.json()) as Exchange["response"];
  expect(response.status).toBe(exchange.status);
  const { result } = exchange.response;
  for (const name of ["id", "uuid"]) {
    if (typeof result?.[name] === "string") ids.set(result[name], String(answer.result?.[name]));
  }
  expect(withoutOwn(answer)).toMatchObject(withoutOwn(exchange.response));
  expect(Object.keys(answer.result ?? {})).toEqual(expect.arrayContaining(Object.keys(result ?? {})));
});

/** The answer without what is made up anew; of an error its code only, since its text is not part of the contract. */
function withoutOwn(answer: object): object {
  const text = JSON.stringify(answer, (name, value: unknown) =>
    OWN.has(name) || name === "message" ? undefined : value,
  );
  return JSON.parse(text) as object;
}
