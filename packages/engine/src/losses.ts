import type { ResourceState } from "./checkpoint.ts";
import { needsCall } from "./delete-step.ts";
import { messageOf } from "./reporter.ts";
import type { StepContext } from "./step-context.ts";
import { type Urn, urnName } from "./urn.ts";
import { revealAll } from "./values.ts";

/** How long a resource is asked what it holds, in ms; not knowing must not hold up a deletion. */
const PATIENCE = 15_000;

/** Warns of what is lost with resources that are about to be deleted, before the first of them is. */
export async function warnOfLosses(
  context: StepContext,
  states: readonly ResourceState[],
  gone?: ReadonlySet<Urn>,
): Promise<void> {
  await Promise.all(states.filter((state) => needsCall(state, gone)).map((state) => warnOfLoss(context, state)));
}

async function warnOfLoss({ providers, reporter }: StepContext, state: ResourceState): Promise<void> {
  const { type, urn, id = "" } = state;
  try {
    const provider = providers.resource(type, urn, state.provider);
    const lost = await provider.lostWith?.(id, revealAll(state.outputs), AbortSignal.timeout(PATIENCE));
    if (lost) reporter.diagnostic("warning", `${urnName(urn)} is deleted, and with it ${lost}`, urn);
  } catch (error) {
    const reason = messageOf(error);
    reporter.diagnostic("warning", `${urnName(urn)} is deleted; what is lost with it is not known: ${reason}`, urn);
  }
}
