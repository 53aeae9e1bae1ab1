import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CloudFixture, startTestCloud } from "./cloud-fixture.ts";

/** What the real Pulumi provider sent, and the answer it worked with. */
interface Exchange {
  seq: number;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
  status: number;
  response: unknown;
}

interface Part {
  name: string;
  filename?: string;
  content_type: string;
  body: unknown;
}

const ACCOUNT = "/accounts/0123456789abcdef0123456789abcdef";
/** Replays recordings against a cloud. Identifiers differ between the two and are translated. */
class Replay {
  readonly #cloud: CloudFixture;
  readonly #ids = new Map<string, string>();

  constructor(cloud: CloudFixture) {
    this.#cloud = cloud;
  }

  /** Sends every recorded request and compares. Answers what was missing, a line each. */
  async run(name: string): Promise<string[]> {
    const lines = readFileSync(new URL(`../testdata/traces/${name}.jsonl`, import.meta.url), "utf8")
      .trim()
      .split("\n");
    const problems: string[] = [];
    for (const line of lines) {
      const exchange = JSON.parse(line) as Exchange;
      const title = `${name} #${exchange.seq} ${exchange.method} ${exchange.path.replace(ACCOUNT, "")}`;
      problems.push(...(await this.#send(exchange)).map((problem) => `${title}: ${problem}`));
    }
    return problems;
  }

  async #send(exchange: Exchange): Promise<string[]> {
    const path = this.#translate(exchange.path.replace(ACCOUNT, ""));
    const query = new URLSearchParams(exchange.query).toString();
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(exchange.headers))
      if (name.startsWith("cf-r2-") || value.startsWith("Bearer session-")) headers[name] = this.#translate(value);
    const answer = await this.#cloud.api(
      exchange.method,
      query ? `${path}?${query}` : path,
      this.#body(exchange.body),
      headers,
    );
    if (answer.status !== exchange.status)
      return [`status ${answer.status} instead of ${exchange.status}: ${answer.body}`];
    if (Array.isArray(exchange.response)) {
      const parts = exchange.response as Part[];
      return parts
        .filter(({ body }) => !answer.body.includes(String(body)))
        .map(({ name: part }) => `part ${part} is missing`);
    }
    const recorded = exchange.response as { result: unknown };
    this.#learn(recorded.result, answer.result);
    return missing(recorded.result, answer.result, "result");
  }

  #body(body: unknown): unknown {
    if (body === null || body === undefined) return undefined;
    if (!isParts(body)) return JSON.parse(this.#translate(JSON.stringify(body)));
    const form = new FormData();
    for (const { name, filename, content_type: type, body: content } of body) {
      if (name === "metadata") {
        form.set(name, this.#translate(JSON.stringify(content)));
      } else form.set(name, new File([String(content)], filename ?? name, { type }));
    }
    return form;
  }

  #translate(text: string): string {
    let translated = text;
    for (const [recorded, ours] of this.#ids) translated = translated.replaceAll(recorded, ours);
    return translated;
  }

  /** Remembers which of our identifiers stands for a recorded one. */
  #learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded !== "object" || recorded === null || typeof ours !== "object" || ours === null) return;
    for (const [key, value] of Object.entries(recorded)) {
      const other = (ours as Record<string, unknown>)[key];
      if (typeof value === "string" && typeof other === "string") {
        if (/^(id|uuid|jwt|.*_id|script_tag)$/.test(key) && value.length >= 32) this.#ids.set(value, other);
      } else this.#learn(value, other);
    }
  }
}

function isParts(body: unknown): body is Part[] {
  return (
    Array.isArray(body) && body.every((part) => typeof part === "object" && part !== null && "content_type" in part)
  );
}

/** Paths of fields that the recording had and ours has not. */
function missing(recorded: unknown, ours: unknown, path: string): string[] {
  if (recorded === null || recorded === undefined) return [];
  if (Array.isArray(recorded)) {
    if (!Array.isArray(ours)) return [`${path} is no list`];
    return recorded.flatMap((item: unknown, index) => {
      if (typeof item !== "object" || item === null) return [];
      const named = (item as { name?: string }).name;
      const other: unknown = named
        ? ours.find((one: { name?: string } | null) => one?.name === named)
        : (ours[index] as unknown);
      return missing(item, other, `${path}[${named ?? index}]`);
    });
  }
  if (typeof recorded !== "object") return ours === undefined ? [`${path} is missing`] : [];
  if (typeof ours !== "object" || ours === null) return [`${path} is missing`];
  return Object.entries(recorded).flatMap(([key, value]) => {
    if (!(key in ours)) return [`${path}.${key} is missing`];
    return missing(value, (ours as Record<string, unknown>)[key], `${path}.${key}`);
  });
}

describe("recorded exchanges of the Pulumi provider", () => {
  it("gives every field that the provider read: up, refresh, update, in place, replace, destroy", async () => {
    const replay = new Replay(await startTestCloud());
    const problems: string[] = [];
    for (const name of ["1-up", "3-refresh", "4-update", "4b-in-place", "5-replace", "7-destroy"])
      problems.push(...(await replay.run(name)));
    expect(problems).toEqual([]);
  });

  it("gives every field of a gradual rollout", async () => {
    const replay = new Replay(await startTestCloud());
    const problems: string[] = [];
    for (const name of ["1-create", "2-refresh", "3-shift-100", "4-rollback", "5-refresh", "6-destroy"])
      problems.push(...(await replay.run(`8-rollout-${name}`)));
    expect(problems).toEqual([]);
  });
});
