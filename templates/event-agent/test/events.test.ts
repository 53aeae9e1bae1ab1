import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Job } from "../src/domain/job.ts";
import { api, eventually, migrate, problem, submit, summarizing, until } from "./harness.ts";

beforeAll(migrate);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the event stream", () => {
  it("tells every state in order and ends with the job", async () => {
    const job = await submit(summarizing("[[slow]] watch me"));
    const response = await api("GET", job.links.events);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = parse(await response.text());
    expect(events.map((event) => event.job.status)).toEqual(["queued", "running", "done"]);
    expect(events.map((event) => event.id)).toEqual([1, 2, 3]);
    expect(events.at(-1)?.job).toMatchObject({ id: job.id, stand_in: false });
  });

  it("resumes after the last event seen", async () => {
    const job = await submit(summarizing("resume"));
    await until(job.id, "done");
    const response = await api("GET", job.links.events, { headers: { "last-event-id": "1" } });
    expect(parse(await response.text()).map((event) => event.id)).toEqual([2, 3]);
  });

  it("resumes in the middle of a run, without a gap", async () => {
    const job = await submit(summarizing("[[slow]] broken line"));
    const first = await api("GET", job.links.events);
    const seen = await readUntil(first, "running");
    const rest = await api("GET", job.links.events, { headers: { "last-event-id": String(seen) } });
    expect(parse(await rest.text()).map((event) => event.job.status)).toEqual(["done"]);
  });

  it("answers 204 when everything was seen", async () => {
    const job = await submit(summarizing("all seen"));
    await until(job.id, "done");
    await eventually(async () => {
      const response = await api("GET", job.links.events, { headers: { "last-event-id": "3" } });
      expect(response.status).toBe(204);
    });
  });

  it("goes on after a retry", async () => {
    const job = await submit(summarizing("twice", { delay_seconds: 600 }));
    await api("DELETE", job.links.self);
    await api("POST", job.links.retry);
    await until(job.id, "done");
    const events = parse(await (await api("GET", job.links.events)).text());
    expect(events.map((event) => event.job.status)).toEqual(["queued", "cancelled", "queued", "running", "done"]);
  });

  it("opens nothing for a HEAD, which nobody would read", async () => {
    const job = await submit(summarizing("x", { delay_seconds: 600 }));
    const opened = vi.spyOn(env.JOBS, "getByName");
    const response = await api("HEAD", job.links.events);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(opened).not.toHaveBeenCalled();
  });

  it("tells many listeners the same", async () => {
    const job = await submit(summarizing("[[slow]] crowd"));
    const streams = await Promise.all(Array.from({ length: 5 }, () => api("GET", job.links.events)));
    const texts = await Promise.all(streams.map((stream) => stream.text()));
    expect(new Set(texts.map((text) => parse(text).at(-1)?.job.status))).toEqual(new Set(["done"]));
  });

  it("makes up for an end that was never told", async () => {
    const job = await submit(summarizing("x", { delay_seconds: 600 }));
    await env.DB.prepare("UPDATE jobs SET status = 'cancelled', finished_at = 1 WHERE id = ?1").bind(job.id).run();
    const events = parse(await (await api("GET", job.links.events)).text());
    expect(events.at(-1)?.job.status).toBe("cancelled");
  });

  it.each(["-1", "x", "1.5"])("refuses Last-Event-ID: %s", async (seen) => {
    const job = await submit(summarizing("x", { delay_seconds: 600 }));
    const response = await api("GET", job.links.events, { headers: { "last-event-id": seen } });
    expect(await problem(response)).toMatchObject({ status: 400, code: "invalid_event_id" });
  });
});

function parse(text: string): { id: number; job: Job }[] {
  return [...text.matchAll(/^id: (\d+)\nevent: job\ndata: (.+)$/gm)].map(([, id, data]) => ({
    id: Number(id),
    job: JSON.parse(data ?? ""),
  }));
}

/** Reads a stream until an event has this status, then breaks it off. Returns that event's id. */
async function readUntil(response: Response, status: Job["status"]): Promise<number | undefined> {
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const found = parse(text).find((event) => event.job.status === status);
    if (found) return found.id; // Leaving the loop cancels the stream.
  }
  return undefined;
}
