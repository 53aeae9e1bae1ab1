import { gatewayCap } from "./gateway-cap.ts";
import { noPublicBucket } from "./no-public-bucket.ts";
import { noRetiredModel } from "./no-retired-model.ts";
import { noWildcardOrigin } from "./no-wildcard-origin.ts";
import { ownNames } from "./own-names.ts";
import { protectedData } from "./protected-data.ts";
import { queueDeadLetters } from "./queue-dead-letters.ts";
import type { PolicyRule } from "./rule.ts";
import { secretsAreSecret } from "./secrets-are-secret.ts";

/** One line a rule. */
export const rules: readonly PolicyRule[] = [
  gatewayCap,
  queueDeadLetters,
  noPublicBucket,
  secretsAreSecret,
  noWildcardOrigin,
  noRetiredModel,
  ownNames,
  protectedData,
];
