import { resolve } from "node:path";
import { readBucketUrl } from "./bucket/bucket-address.ts";
import { BucketError } from "./bucket/bucket-error.ts";
import { BucketStore } from "./bucket/bucket-store.ts";
import { type BucketKeys, S3Client } from "./bucket/s3-client.ts";
import { FolderStore } from "./folder-store.ts";
import type { StateStore } from "./state-store.ts";

/** Where a stack's state is. */
export interface StatePlace {
  /** `DIR` of the backend `file://DIR`, or the URL of a bucket: `s3://BUCKET?endpoint=…&region=…`. */
  readonly backend: string;
  /** Over that of this process: a bucket's keys are `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. */
  readonly environment?: Record<string, string>;
}

/** The state is in a bucket, and not in a folder of this machine. */
export function isBucket({ backend }: Pick<StatePlace, "backend">): boolean {
  return backend.startsWith("s3://");
}

/**
 * Opens where states are kept.
 * @throws BucketError when the URL is none that is supported, or the bucket's keys are missing
 */
export function openStore(place: StatePlace): StateStore {
  if (!isBucket(place)) {
    const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(place.backend)?.[1];
    if (scheme !== undefined) {
      throw new BucketError("BadAddress", `states are kept in a folder or in an s3:// bucket, not at ${scheme}://`);
    }
    return new FolderStore(resolve(place.backend));
  }
  const environment = { ...process.env, ...place.environment };
  const address = readBucketUrl(place.backend, environment);
  return new BucketStore(new S3Client(address, readKeys(environment, address.bucket)));
}

function readKeys(environment: NodeJS.ProcessEnv, bucket: string): BucketKeys {
  const read = (name: string) => environment[name]?.trim() || undefined;
  const accessKeyId = read("AWS_ACCESS_KEY_ID");
  const secretAccessKey = read("AWS_SECRET_ACCESS_KEY");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    throw new BucketError(
      "NoKeys",
      `the bucket ${bucket} needs ${missing}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY ` +
        "(R2: dashboard → R2 → Manage API Tokens, Object Read & Write)",
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken: read("AWS_SESSION_TOKEN") };
}
