import { Settings } from "@tenner/worker-kit/settings";
import type { Stack } from "../settings.ts";
import type { Finding, PlannedResource, PolicyRule } from "./rule.ts";

/** A resource of a test's program. */
export function planned(
  type: string,
  name: string,
  properties: Record<string, unknown> = {},
  protect = false,
): PlannedResource {
  return { type, name, properties, protect };
}

/** A production stack, unless a test says otherwise. */
export function stackOf(parts: Partial<Omit<Stack, "settings">> & { settings?: object } = {}): Stack {
  return {
    name: "acme",
    kind: "production",
    accountId: "0123456789abcdef0123456789abcdef",
    workersSubdomain: undefined,
    protectData: false,
    ...parts,
    settings: Settings.parse(parts.settings ?? {}),
  };
}

/** What a rule says of resources: where and why, in one line each. */
export function said(rule: PolicyRule, resources: readonly PlannedResource[], stack = stackOf()): string[] {
  return rule.find(resources, stack).map(inOneLine);
}

/** Where and why. */
export function inOneLine({ where, why }: Finding): string {
  return `${where} ${why}`;
}
