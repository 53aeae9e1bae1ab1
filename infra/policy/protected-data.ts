import { type Finding, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

/**
 * Where data is to be protected, which it is in production unless the stack says otherwise, every database, bucket and
 * queue is: Pulumi then deletes or replaces none of them, whoever runs it.
 */
export const protectedData: PolicyRule = {
  name: "protected-data",
  find(resources, { protectData }) {
    if (!protectData) return [];
    return ofType(resources, TYPES.database, TYPES.bucket, TYPES.queue)
      .filter(({ protect }) => !protect)
      .map((resource): Finding => {
        const why = "is not protected: a change that deletes or replaces it would take its data along";
        return { where: titleOf(resource), why, remedy: "give its component { protect: stack.protectData }" };
      });
  },
};
