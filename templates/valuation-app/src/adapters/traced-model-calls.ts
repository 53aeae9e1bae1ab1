import type { AiClientOptions } from "@tenner/worker-kit/ai";
import type { Ledger } from "@tenner/worker-kit/ledger";
import type { HopName } from "../domain/trace.ts";
import type { HopEnd, TraceRecorder } from "../trace-recorder.ts";

/** What the hops of a call to a model are called. */
interface CallHops {
  readonly reserve: HopName;
  readonly model: HopName;
  readonly settle: HopName;
}

const HOPS = {
  text: { reserve: "reserve", model: "model", settle: "settle" },
  picture: { reserve: "picture-reserve", model: "picture-model", settle: "picture-settle" },
} as const satisfies Record<string, CallHops>;

type Traced = Pick<AiClientOptions, "binding" | "ledger">;

/** The same ledger and AI binding, whose waits are written down. */
export function traced({ binding, ledger }: Traced, trace: TraceRecorder, kind: keyof typeof HOPS): Traced {
  const hops = HOPS[kind];
  return {
    binding: {
      gateway(id) {
        const gateway = binding.gateway(id);
        return {
          run: (request, options) => trace.measure(hops.model, () => gateway.run(request, options), endOfAnswer),
        };
      },
    },
    ledger: tracedLedger(ledger, trace, hops),
  };
}

function endOfAnswer({ ok, headers }: Response): HopEnd {
  const model = headers.get("cf-aig-model");
  const cache = headers.get("cf-aig-cache-status");
  return {
    state: ok ? "done" : "failed",
    ...(model !== null && { model }),
    ...(cache !== null && { gatewayCache: cache.toLowerCase() }),
  };
}

function tracedLedger(ledger: Ledger, trace: TraceRecorder, hops: CallHops): Ledger {
  /** What is held for a call counts for it when its settlement cannot be written. */
  const held = new Map<string, number>();
  return {
    async reserve(call) {
      const reservation = await trace.measure(
        hops.reserve,
        () => ledger.reserve(call),
        ({ kind }) => (kind === "refused" ? { state: "refused" } : { state: "done", heldNano: call.worstCase }),
      );
      if (reservation.kind === "reserved") held.set(call.callId, call.worstCase);
      return reservation;
    },
    settle: (callId, settlement) =>
      trace.measure(
        hops.settle,
        () => ledger.settle(callId, settlement),
        () => ({ state: "done", costNano: settlement.cost }),
        { state: "failed", costNano: held.get(callId) ?? settlement.cost },
      ),
    release: (callId) =>
      trace.measure(
        hops.settle,
        () => ledger.release(callId),
        () => ({ state: "done", costNano: 0 }),
        { state: "failed", costNano: held.get(callId) ?? 0 },
      ),
  };
}
