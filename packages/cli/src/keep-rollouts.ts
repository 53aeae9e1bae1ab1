import type { StackOptions } from "@tenner/engine";

/** Of commands that could end a rollout by surprise. */
export const despiteRolloutArgument = {
  "despite-rollout": {
    type: "boolean",
    description: "Go on while a rollout is active: a Worker that changes gets all requests in its new version",
  },
} as const;

/**
 * Keeps rollouts that are active, unless it was said that they may be ended.
 *
 * @param how to go on all the same, for the error
 */
export function keepRollouts(
  args: { readonly "despite-rollout"?: boolean | undefined },
  how = "add --despite-rollout",
): Pick<StackOptions, "keepRollouts"> {
  if (args["despite-rollout"]) return {};
  return {
    keepRollouts:
      "Finish it (tenner rollout {name} --percent 100) or take it back (tenner rollout {name} rollback) first; " +
      `or ${how}.`,
  };
}
