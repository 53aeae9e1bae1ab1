import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A version of a Worker that a request can go to. */
interface Choice {
  readonly versionId: string;
  /** Share of the requests, 0–100. */
  readonly percentage: number;
}

/**
 * The version that answers a request: the one it names, else the one its key stands for, else one by chance.
 *
 * A key's place does not depend on the deployment, and the newest version has the places from 0 on: as its share grows,
 * who was with it stays with it.
 *
 * @param choices the versions of the current deployment, oldest first
 * @param chance 0–1
 * @see https://developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/version-affinity/
 * @see https://developers.cloudflare.com/workers/versions-and-deployments/version-overrides/
 */
export function chooseVersion<Version extends Choice>(
  choices: readonly Version[],
  headers: IncomingHttpHeaders,
  script: string,
  chance: number = Math.random(),
): Version | undefined {
  if (choices.length < 2) return choices[0];
  const named = namedVersion(headers["cloudflare-workers-version-overrides"], script);
  const wanted = named === undefined ? undefined : choices.find(({ versionId }) => versionId === named);
  if (wanted) return wanted;
  const key = headers["cloudflare-workers-version-key"];
  let place = (typeof key === "string" && key !== "" ? placeOf(key) : chance) * 100;
  for (const choice of choices.toReversed()) {
    place -= choice.percentage;
    if (place < 0) return choice;
  }
  return choices[0];
}

/** 0–1, the same for the same key. */
function placeOf(key: string): number {
  return createHash("sha256").update(key).digest().readUInt32BE() / 2 ** 32;
}

/** What a dictionary (RFC 8941) of version ids says of a script. */
function namedVersion(header: string | string[] | undefined, script: string): string | undefined {
  if (header === undefined) return undefined;
  for (const member of String(header).split(",")) {
    const [, name, version] = /^\s*([a-z*][a-z0-9_.*-]*)\s*=\s*"([^"]*)"\s*$/.exec(member) ?? [];
    if (name === script) return version;
  }
  return undefined;
}
