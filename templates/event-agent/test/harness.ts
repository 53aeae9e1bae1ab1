import { applyD1Migrations, reset, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { Job } from "../src/domain/job.ts";

export const ORIGIN = "https://event-agent.test";

/** Makes the tables. For `beforeAll`. */
export const migrate = async () => {
  // The file before this one ran in the same workerd.
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  await applyD1Migrations(env.LEDGER, env.TEST_LEDGER_MIGRATIONS);
};

/** Calls the Worker with the program's key, or another. A string body goes out as it is. */
export function api(
  method: string,
  path: string,
  options: { key?: string | null; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> {
  const { key = env.API_KEY, body } = options;
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** A job to summarize a text; the AI double reads `[[words]]` in it. */
export const summarizing = (text: string, more: object = {}) => ({ task: "summarize", input: { text }, ...more });

export async function submit(
  body: unknown,
  options: { key?: string; headers?: Record<string, string> } = {},
): Promise<Job> {
  const response = await api("POST", "/v1/jobs", { body, ...options });
  expect(response.status, await response.clone().text()).toBe(202);
  return response.json<Job>();
}

export async function getJob(id: string, key?: string): Promise<Job> {
  return (await api("GET", `/v1/jobs/${id}`, key === undefined ? {} : { key })).json<Job>();
}

/** Repeats until it does not throw; patient, because the machine may be busy. */
export function eventually<T>(look: () => Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 30_000, interval: 20 });
}

/** Waits until a job has a status. */
export function until(id: string, status: Job["status"]): Promise<Job> {
  return eventually(async () => {
    const job = await getJob(id);
    expect(job.status).toBe(status);
    return job;
  });
}

/** Calls the job's alarm now, and again as long as that fails because it is already running. */
export const runAlarm = (id: string) => runDurableObjectAlarm(env.JOBS.getByName(id));

/** How many calls with this word in their prompt the model got, and how many were cut off by the caller. */
export async function modelCalls(word: string): Promise<{ calls: number; cut: number }> {
  return (await fetch(`${env.TEST_AI_URL}/calls/${word}`)).json();
}

/** A key of another tenant. */
export async function keyOf(tenant: string, scope: "admin" | "member" = "member"): Promise<string> {
  const response = await api("POST", "/v1/keys", { body: { tenant, name: `key of ${tenant}`, scope } });
  expect(response.status).toBe(201);
  return (await response.json<{ key: string }>()).key;
}

/** The `code` of a problem answer, having checked its form. */
export async function problem(response: Response): Promise<{ status: number; code: string; paths: string[] }> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("x-request-id")).toBeTruthy();
  const body = await response.json<{ status: number; code: string; errors?: { path: string }[] }>();
  expect(body.status).toBe(response.status);
  return { status: body.status, code: body.code, paths: (body.errors ?? []).map((each) => each.path) };
}

/** Moves the clock of Worker and test; alarms stay in real time and are called with `runAlarm`. */
export function moveClock(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}
