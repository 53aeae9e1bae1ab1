import { AiError } from "../../../models/ai-error.ts";
import { asAiError } from "../../../models/model-answer.ts";
import type { ProviderError } from "../../../models/provider-error.ts";
import type { PlainHeaders, RawAnswer } from "../../../models/raw-answer.ts";
import type { KeptAnswer } from "./answer-cache.ts";
import type { CallMeter } from "./call-meter.ts";
import type { Entrance } from "./gateway-call.ts";
import { GatewayError } from "./gateway-error.ts";

/** What every answer of a gateway says about its call. */
export function callHeaders(meter: CallMeter, step: number): PlainHeaders {
  return {
    "cf-aig-event-id": meter.eventId,
    ...(meter.collected && { "cf-aig-log-id": meter.id }),
    "cf-aig-request-id": meter.requestId,
    "cf-aig-step": String(step),
    "cf-ai-req-id": meter.requestId,
  };
}

/** A refusal, in the form of the gateway, or of Workers AI's REST API where the model refused and the call came there. */
export function refusal(error: unknown, entrance: Entrance, headers: PlainHeaders = {}): RawAnswer {
  const known = error instanceof GatewayError ? error : asAiError(error);
  if (!(error instanceof GatewayError || error instanceof AiError)) console.error(error);
  const { status, code, message } = known;
  const body =
    entrance === "rest" && known instanceof AiError
      ? { success: false, errors: [{ code, message: `AiError: ${message}` }], messages: [], result: null }
      : {
          success: false,
          result: [],
          messages: [],
          error: [{ code, message: known instanceof AiError ? `AiError: AiError: ${message}` : message }],
          name: known.name,
          httpCode: status,
          internalCode: code,
          description: message,
        };
  return { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Another provider's refusal, as that provider sends it. */
export const providerRefusal = ({ status, body }: ProviderError, headers: PlainHeaders): RawAnswer => ({
  status,
  headers: { ...headers, "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** A kept answer once more: a stream as a stream, event by event. */
export function replay(answer: KeptAnswer, meter: CallMeter): RawAnswer {
  const headers = {
    ...callHeaders(meter, answer.step),
    "content-type": answer.contentType,
    "cf-aig-cache-status": "HIT",
    "cf-aig-model": answer.model,
    "cf-aig-provider": answer.provider,
    ...answer.marks,
  };
  return { status: 200, headers, body: isEventStream(answer.contentType) ? events(answer.body) : answer.body };
}

/** Whether a content type is that of server-sent events. */
export const isEventStream = (contentType: string): boolean => contentType.startsWith("text/event-stream");

function events(body: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= body.byteLength) {
        controller.close();
        return;
      }
      const gap = Buffer.from(body.buffer, body.byteOffset, body.byteLength).indexOf("\n\n", start);
      const end = gap < 0 ? body.byteLength : gap + 2;
      controller.enqueue(body.subarray(start, end));
      start = end;
    },
  });
}
