import type { Experiment } from "@tenner/worker-kit/settings/experiments";
import { sha256Hex } from "@tenner/worker-kit/timing-safe";

export type Variant = Experiment["variants"][number];

/** A caller's part in an experiment. */
export interface Trial {
  readonly experiment: string;
  readonly variant: Variant;
  /** Who takes part, as a hash: 32 hexadecimal digits. */
  readonly subject: string;
}

/**
 * The experiment that a caller takes part in, the first of the list that takes it, and its variant there.
 *
 * Nothing is stored: both follow from hashes. A larger share takes further callers and leaves those who take part where
 * they are, and a new weight moves only those whom it has to (weighted rendezvous hashing).
 *
 * @param caller who asks, unique within the tenant
 */
export async function assign(
  experiments: readonly Experiment[],
  tenant: string,
  caller: string,
): Promise<Trial | null> {
  for (const { name, share, variants } of experiments) {
    if ((await uniform(["share", name, tenant, caller])) >= share) continue;
    const scores = await Promise.all(
      variants.map(
        async (each) => -Math.log(await uniform(["variant", name, each.name, tenant, caller])) / each.weight,
      ),
    );
    const variant = variants[scores.indexOf(Math.min(...scores))];
    if (!variant) continue;
    const subject = (await sha256Hex(JSON.stringify(["subject", name, tenant, caller]))).slice(0, 32);
    return { experiment: name, variant, subject };
  }
  return null;
}

/** A number between 0 and 1, neither included, that looks drawn by lot and is always the same for the same parts. */
async function uniform(parts: readonly string[]): Promise<number> {
  const hash = await sha256Hex(JSON.stringify(parts));
  return (Number.parseInt(hash.slice(0, 12), 16) + 0.5) / 2 ** 48;
}
