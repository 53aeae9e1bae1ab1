import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { type ActivityLog, createActivityLog } from "../core/activity.ts";
import { type Clock, createClock } from "../core/clock.ts";
import { createFaults, type Faults } from "../core/faults.ts";
import type { Overview } from "../core/overview.ts";
import type { LocalAccount } from "./account-routes.ts";
import { createLocalApi } from "./index.ts";
import { createSessions, type Sessions } from "./sessions.ts";

/** The address the tests' cloud thinks it has. */
export const ORIGIN = "http://127.0.0.1:8787";
const TOKEN = "test-token";
export const BEARER = { authorization: `Bearer ${TOKEN}` };

type TestRequest = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** A `/_local` over made-up contents, for tests. Its clock of links is `links.now`. */
export interface TestCloud {
  api: Hono;
  activity: ActivityLog;
  clock: Clock;
  faults: Faults;
  sessions: Sessions;
  directory: string;
  links: { now: number };
  resets: (string | undefined)[];
  accounts: Map<string, LocalAccount>;
  /** A request as a browser sends it, with the right Host. */
  request(path: string, init?: TestRequest): Promise<Response>;
  /** The `Cookie` header of somebody who opened a link. */
  enter(): Promise<string>;
}

/** @param directory the folder of an earlier one, to play a restart. */
export function createTestCloud(directory = mkdtempSync(join(tmpdir(), "tenner-local-api-"))): TestCloud {
  const links = { now: Date.now() };
  const clock = createClock();
  const activity = createActivityLog(() => clock.now());
  const faults = createFaults();
  const sessions = createSessions({ directory, origin: () => ORIGIN, now: () => links.now });
  const resets: (string | undefined)[] = [];
  const accounts = new Map<string, LocalAccount>();
  const api = createLocalApi({
    token: TOKEN,
    sessions,
    activity,
    clock,
    faults,
    overview,
    heartbeat: 50,
    origin: () => ORIGIN,
    reset: async (accountId) => void resets.push(accountId),
    makeAccount(account) {
      accounts.set(account.id, accounts.get(account.id) ?? account);
      return accounts.get(account.id) ?? account;
    },
    removeAccount: async (accountId) => void accounts.delete(accountId),
  });
  const request: TestCloud["request"] = async (path, init) =>
    api.request(path, { ...init, headers: { host: "127.0.0.1:8787", ...init?.headers } });
  const enter = async () => {
    const { pathname, search } = new URL(sessions.createLink());
    const answer = await request(pathname.replace("/_local", "") + search);
    return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  };
  return { api, activity, clock, faults, sessions, directory, links, resets, accounts, request, enter };
}

const overview: Overview = {
  accounts: () => [
    { id: "a1", name: "local", plan: "paid" },
    { id: "a2", name: "preview", plan: "free" },
  ],
  workers: (accountId) =>
    accountId === "a1"
      ? [
          {
            script: "agent",
            url: "http://127.0.0.1:8801",
            modifiedOn: "2026-11-20T10:00:00.000000Z",
            handlers: ["fetch"],
            crons: [],
            bindings: [{ name: "JOBS", type: "queue", target: "jobs" }],
          },
          {
            script: "hidden",
            url: undefined,
            modifiedOn: "2026-11-20T10:00:00Z",
            handlers: [],
            crons: [],
            bindings: [],
          },
        ]
      : [],
  resources: () => [{ product: "queues", id: "q1", name: "jobs" }],
  runtime: (accountId) => (accountId === "a1" ? "running" : "sleeping"),
};
