import { once } from "node:events";
import { CloudflareConnectionError } from "@tenner/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLive } from "./deployments.ts";
import { moveTo, takeBack } from "./rollout.ts";
import { type RolloutFixture, startRolloutFixture } from "./rollout-fixture.ts";

const says = (text: string) => `return new Response("${text}");`;
const NO_CHANGES = { create: 0, update: 0, replace: 0, delete: 0 };

/** ms for a test that starts the command twice, on a busy machine. */
const TWO_PROCESSES = 180_000;

let stack: RolloutFixture;

beforeAll(async () => {
  stack = await startRolloutFixture(says("one"));
});
afterAll(() => stack.close());

/** The share of each version, oldest first. */
async function shares(): Promise<number[]> {
  const live = await readLive(stack.context.api, "demo");
  return (live?.versions ?? []).map(({ percentage }) => percentage);
}

/** Runs the command, and kills it when it has made a deployment. */
async function killedAtDeployment(...words: string[]): Promise<void> {
  const child = stack.tenner(...words);
  const exited = once(child, "exit");
  const stop = stack.cloud.activity.subscribe((activity) => {
    if (activity.type === "change" && activity.action === "deployed") child.kill("SIGKILL");
  });
  const [, signal] = (await exited) as [number | null, NodeJS.Signals | null];
  stop();
  expect(signal).toBe("SIGKILL");
}

// One after another: each goes on from where the one before has left the Worker.
describe("a rollout", () => {
  it("gives the new version its share, and up keeps its hands off meanwhile", async () => {
    stack.write(says("two"));
    expect(await moveTo(stack.context, 30)).toEqual({ outcome: "split" });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => stack.ask(`caller ${number}`)));
    expect(new Set(answers)).toEqual(new Set(["one", "two"]));
    await expect(stack.up()).rejects.toThrow(
      /rollout: requests to demo are split .* 70 %, .* 30 %\).*tenner rollout demo --percent 100.*rollback/,
    );
    expect(await shares()).toEqual([70, 30]);
  });

  it("with other code than it has begun with is not gone on with", async () => {
    stack.write(says("three"));
    await expect(moveTo(stack.context, 50)).rejects.toThrow("has begun with other code or settings (version 2)");
    stack.write(says("two"));
  });

  it("ends with all requests for the new version, and a state as up would have left it", async () => {
    expect(await moveTo(stack.context, 60)).toEqual({ outcome: "split" });
    expect(await moveTo(stack.context, 100)).toEqual({ outcome: "promoted" });
    expect(await shares()).toEqual([100]);
    expect(await stack.ask()).toBe("two");
    expect(await stack.preview()).toMatchObject(NO_CHANGES);
  });

  it("is taken back by itself when the new version fails, with the reason, and leaves no change behind", async () => {
    stack.write('return new Response("three", { status: Math.random() < 0.5 ? 500 : 200 });');
    const failed = await moveTo(stack.context, 40);
    expect(failed).toMatchObject({
      outcome: "rolled-back",
      reason: expect.stringMatching(/\d+ of \d+ requests failed/),
    });
    expect(await readLive(stack.context.api, "demo")).toMatchObject({
      takenBack: failed.reason,
      versions: [{ number: 2, percentage: 100 }],
    });
    stack.write(says("two"));
    expect(await stack.preview()).toMatchObject(NO_CHANGES);
  });

  it("is taken back when it is asked for, and once only", async () => {
    stack.write(says("four"));
    await moveTo({ ...stack.context, gate: undefined }, 10);
    expect(await takeBack(stack.context, "asked for")).toMatchObject({ outcome: "rolled-back" });
    await expect(takeBack(stack.context, "asked for")).rejects.toThrow("version 2 has all requests");
    expect(await shares()).toEqual([100]);
  });

  it("is taken back also after its end was cut off, and leaves no change behind", async () => {
    stack.write(says("five"));
    await moveTo({ ...stack.context, gate: undefined }, 50);
    const api = {
      ...stack.context.api,
      call: (method: string, path: string, json?: unknown) =>
        method === "POST"
          ? Promise.reject(new CloudflareConnectionError("cut off"))
          : stack.context.api.call(method, path, json),
    };
    await expect(moveTo({ ...stack.context, api, gate: undefined }, 100)).rejects.toThrow("cut off");
    expect(await shares()).toEqual([50, 50]);
    expect(await takeBack(stack.context, "asked for")).toMatchObject({ outcome: "rolled-back" });
    stack.write(says("two"));
    expect(await stack.preview()).toMatchObject(NO_CHANGES);
  });

  it("of more than code is refused, and names what to deploy first", async () => {
    stack.wantMore(true);
    stack.write(says("five"));
    await expect(moveTo(stack.context, 10)).rejects.toThrow(
      /WorkersKvNamespace more \(create\)\n.*tenner up --target 'urn:.*::more'/,
    );
    expect(await shares()).toEqual([100]);
    stack.wantMore(false);
  });

  it(
    "that was killed at its beginning or its end is gone on with by the same command",
    async () => {
      stack.write(says("six"));
      await killedAtDeployment("--percent", "20");
      expect(await shares()).toEqual([80, 20]);
      const versions = await uploads();
      expect(await moveTo(stack.context, 20)).toEqual({ outcome: "split" });
      await killedAtDeployment("--percent", "100");
      expect(await shares()).toEqual([100]);
      expect(await stack.preview()).toMatchObject({ update: 1 });
      expect(await moveTo(stack.context, 100)).toEqual({ outcome: "promoted" });
      expect(await stack.preview()).toMatchObject(NO_CHANGES);
      expect(await uploads()).toBe(versions);
      expect(await stack.ask()).toBe("six");
    },
    TWO_PROCESSES,
  );

  it("never cost a caller an answer, but for the version that failed by itself", () => {
    const { statuses } = stack;
    expect([...statuses.keys()].filter((status) => status !== "200" && status !== "500")).toEqual([]);
    expect(statuses.get("200")).toBeGreaterThan(200);
  });
});

async function uploads(): Promise<number> {
  const answer = await stack.context.api.call("GET", "/workers/scripts/demo/versions?per_page=100");
  return (answer as { items: unknown[] }).items.length; // what the endpoint answers
}
