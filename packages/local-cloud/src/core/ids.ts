import { createHash, randomBytes, randomUUID } from "node:crypto";

/** Makes identifiers in the shapes Cloudflare uses. A test passes a seeded one. */
export interface Ids {
  /** `f47ac10b-58cc-4372-a567-0e02b2c3d479`: D1 databases, versions, deployments. */
  uuid(): string;
  /** 32 hexadecimal digits: accounts, namespaces, queues. */
  hex(): string;
}

/** Identifiers nobody can guess, or with a `seed` always the same ones in the same order. */
export function createIds(seed?: string): Ids {
  if (seed === undefined) return { uuid: () => randomUUID(), hex: () => randomBytes(16).toString("hex") };
  let count = 0;
  const hex = () => createHash("sha256").update(`${seed}:${count++}`).digest("hex").slice(0, 32);
  return {
    hex,
    uuid: () => hex().replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5"),
  };
}
