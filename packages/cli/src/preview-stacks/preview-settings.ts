import { Settings } from "@tenner/worker-kit/settings";

/**
 * What a preview is deployed with: the settings of the stack that it stands for, without what belongs to that alone (its
 * domain, the secrets it shares with issuers of tokens), and with a ceiling of its own.
 *
 * @param budgetUsd US dollars a month, if the base has not less
 */
export function previewSettings(base: Settings, budgetUsd: number): object {
  const { domain: _, budget, access, ...rest } = base;
  const whole = {
    ...rest,
    access: { ...access, jwt: Settings.parse({}).access.jwt },
    budget: { monthlyUsd: Math.min(budget.monthlyUsd, budgetUsd) },
  };
  return withoutDefaults(whole);
}

/** Only what differs: a preview's settings are read by people. */
function withoutDefaults(settings: Readonly<Record<string, unknown>>): object {
  const defaults: Readonly<Record<string, unknown>> = Settings.parse({});
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name])),
  );
}
