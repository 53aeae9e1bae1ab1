import { type Finding, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

/**
 * No bucket has an address of its own: what lies in one is handed out by a Worker, which knows who asks.
 * @see https://developers.cloudflare.com/r2/buckets/public-buckets/
 */
export const noPublicBucket: PolicyRule = {
  name: "no-public-bucket",
  find(resources) {
    return ofType(resources, TYPES.publicBucketAddress, TYPES.bucketDomain)
      .filter(({ properties }) => properties["enabled"] !== false)
      .map((address): Finding => {
        const why = "makes a bucket public: anyone who knows a key can read the object";
        return { where: titleOf(address), why, remedy: "take it away, and serve the objects through a Worker" };
      });
  },
};
