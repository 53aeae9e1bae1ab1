import type { SpendCall, SpendRule } from "./gateway.ts";
import { RuleScope } from "./spend-rule.ts";

const scopes = new WeakMap<SpendRule, RuleScope>();

/**
 * The budget of `rule` that a call counts in, or undefined when the rule is not for this call: it filters for others, or
 * the call has no value for a key that splits the budget. A rule that splits nothing has one budget, `""`.
 */
export function budgetOf(rule: SpendRule, call: SpendCall): string | undefined {
  const { metadata, model, provider } = scopeOf(rule);
  if (provider && !provider.values.includes(call.provider)) return undefined;
  // A model is named with its provider in front, or alone.
  if (model && !model.values.some((value) => value === call.model || value === `${call.provider}/${call.model}`))
    return undefined;
  const parts: [string, string][] = [];
  for (const [key, dimension] of Object.entries(metadata ?? {})) {
    const value = call.metadata && Object.hasOwn(call.metadata, key) ? call.metadata[key] : undefined;
    if (value === undefined) return undefined;
    if (dimension.mode === "partition") parts.push([key, String(value)]);
    else if (!dimension.values.includes(String(value))) return undefined;
  }
  if (parts.length === 0) return "";
  return JSON.stringify(parts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A rule's scope is parsed once: it came through the same schema when its gateway was set. */
function scopeOf(rule: SpendRule): RuleScope {
  const known = scopes.get(rule);
  if (known) return known;
  const scope = RuleScope.parse(rule);
  scopes.set(rule, scope);
  return scope;
}
