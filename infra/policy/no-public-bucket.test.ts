import { expect, it } from "vitest";
import { planned, said } from "./fixtures.ts";
import { noPublicBucket } from "./no-public-bucket.ts";
import { TYPES } from "./rule.ts";

it("takes a bucket, and an address of one that is off", () => {
  const off = planned(TYPES.publicBucketAddress, "files", { enabled: false });
  expect(said(noPublicBucket, [planned(TYPES.bucket, "files"), off])).toEqual([]);
});

it.each([
  ["r2.dev", planned(TYPES.publicBucketAddress, "files", { enabled: true }), "R2ManagedDomain files"],
  ["a domain", planned(TYPES.bucketDomain, "files", { domain: "files.example" }), "R2CustomDomain files"],
])("refuses a bucket at %s", (_, address, title) => {
  expect(said(noPublicBucket, [address])).toEqual([expect.stringContaining(`${title} makes a bucket public`)]);
});
