import type { ResourceState } from "./checkpoint.ts";
import { needsCall } from "./delete-step.ts";
import { messageOf } from "./reporter.ts";
import type { StepContext } from "./step-context.ts";
import { type Urn, urnName, urnType } from "./urn.ts";
import { revealAll } from "./values.ts";

/** How long a resource is asked what it holds, in ms; not knowing must not hold up a deletion for ever. */
const PATIENCE = 15_000;

/** Data would go with a resource, and nobody said that it may. */
export class DataLossError extends Error {
  override readonly name = "DataLossError";
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ message }) => message).join("\n"));
    this.refusals = refusals;
  }
}

interface Refusal {
  readonly urn: Urn;
  readonly message: string;
}

interface Loss {
  readonly urn: Urn;
  /** In words, e.g. `about 3 messages`. */
  readonly lost?: string;
  /** Why it is not known. */
  readonly unknown?: string;
}

/**
 * Tells what is lost with resources that are about to be deleted, before the first of them is.
 * @throws DataLossError with all of them, when data is to be kept
 */
export async function tellLosses(
  context: StepContext,
  states: readonly ResourceState[],
  gone?: ReadonlySet<Urn>,
): Promise<void> {
  const going = states.filter((state) => needsCall(state, gone));
  const losses = (await Promise.all(going.map((state) => lossOf(context, state)))).filter((loss) => loss !== undefined);
  const { keepData, reporter } = context;
  if (losses.length > 0 && keepData !== undefined) {
    throw new DataLossError(losses.map((loss) => ({ urn: loss.urn, message: refusal(loss, keepData) })));
  }
  for (const loss of losses) reporter.diagnostic("warning", describe(loss), loss.urn);
}

async function lossOf({ providers }: StepContext, state: ResourceState): Promise<Loss | undefined> {
  const { type, urn, id = "" } = state;
  try {
    const provider = providers.resource(type, urn, state.provider);
    const lost = await provider.lostWith?.(id, revealAll(state.outputs), AbortSignal.timeout(PATIENCE));
    return lost === undefined ? undefined : { urn, lost };
  } catch (error) {
    return { urn, unknown: messageOf(error) };
  }
}

function describe({ urn, lost, unknown }: Loss): string {
  return lost === undefined
    ? `${urnName(urn)} is deleted; what is lost with it is not known: ${unknown}`
    : `${urnName(urn)} is deleted, and with it ${lost}`;
}

function refusal({ urn, lost, unknown }: Loss, advice: string): string {
  const title = `${urnType(urn).split(":").at(-1)} ${urnName(urn)}`;
  const reason = lost === undefined ? `what it holds is not known (${unknown})` : `it holds ${lost}`;
  return `keep-data: ${title} would be deleted, and ${reason}. ${advice}`;
}
