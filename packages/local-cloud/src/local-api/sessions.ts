import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** Who may see the console: one-time links, and the sessions they became. */
export interface Sessions {
  /** A fresh link, good for one use within ten minutes. */
  createLink(): string;
  /** Turns the code of a link into a cookie value, once. Undefined when it is unknown, used or too old. */
  redeem(code: string): string | undefined;
  /** Whether a cookie value belongs to a living session. */
  includes(cookie: string | undefined): boolean;
  /**
   * The cookie's name. It carries the cloud's port: browsers do not separate the cookies of ports, and two clouds on
   * one machine would sign each other's visitors out.
   */
  cookieName(): string;
}

/** Seconds a session lasts. */
export const SESSION_SECONDS = 30 * 24 * 3600;

const LINK_MILLISECONDS = 10 * 60 * 1000;
const MOST_LINKS = 100;
const MOST_SESSIONS = 50;

/**
 * Keeps sessions in `<directory>/console/sessions.json`, so that a restarted cloud still knows its visitors.
 * All times are the machine's: moving the cloud's clock signs nobody out.
 *
 * @param options.origin the cloud's own address; asked late, because the port may be chosen by the system.
 */
export function createSessions(options: { directory: string; origin: () => string; now?: () => number }): Sessions {
  const now = options.now ?? Date.now;
  const file = join(options.directory, "console", "sessions.json");
  const kept = readKept(file);
  const links = new Map<string, number>();

  return {
    createLink() {
      const code = randomBytes(24).toString("base64url");
      links.set(code, now() + LINK_MILLISECONDS);
      dropOldest(links, MOST_LINKS);
      return `${options.origin()}/_local/session?code=${code}`;
    },
    redeem(code) {
      const expires = links.get(code);
      links.delete(code);
      if (expires === undefined || expires <= now()) return undefined;
      const id = randomBytes(18).toString("base64url");
      for (const [old, end] of kept.sessions) if (end <= now()) kept.sessions.delete(old);
      kept.sessions.set(id, now() + SESSION_SECONDS * 1000);
      dropOldest(kept.sessions, MOST_SESSIONS);
      writeKept(file, kept);
      return `${id}.${sign(kept.key, id)}`;
    },
    includes(cookie) {
      const [id = "", signature = ""] = (cookie ?? "").split(".");
      if (!equal(signature, sign(kept.key, id))) return false;
      return (kept.sessions.get(id) ?? 0) > now();
    },
    cookieName: () => `tenner_console_${new URL(options.origin()).port || "80"}`,
  };
}

/** Compares two secrets in a time that does not tell where they differ. */
export function equal(one: string, other: string): boolean {
  const key = randomBytes(16);
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

const KeptFile = z.object({ key: z.string().min(32), sessions: z.record(z.string(), z.number()) });

interface Kept {
  key: string;
  /** When each session ends, by its id. */
  sessions: Map<string, number>;
}

/** A missing or damaged file means no sessions: visitors need a new link, nothing else is lost. */
function readKept(file: string): Kept {
  try {
    const kept = KeptFile.parse(JSON.parse(readFileSync(file, "utf8")));
    return { key: kept.key, sessions: new Map(Object.entries(kept.sessions)) };
  } catch {
    return { key: randomBytes(32).toString("base64url"), sessions: new Map() };
  }
}

function writeKept(file: string, kept: Kept): void {
  mkdirSync(join(file, ".."), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify({ key: kept.key, sessions: Object.fromEntries(kept.sessions) }), {
    mode: 0o600,
  });
  renameSync(temporary, file);
}

function sign(key: string, id: string): string {
  return createHmac("sha256", key).update(id).digest("base64url");
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
