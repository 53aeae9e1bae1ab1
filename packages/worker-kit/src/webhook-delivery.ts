import { checkAddress, ForbiddenAddress, guardedFetch } from "./outbound-guard.ts";
import { Problem } from "./problem.ts";
import { stoppableTimeout } from "./stoppable-timeout.ts";
import { signWebhook } from "./webhooks.ts";

const TIMEOUT_MS = 10_000;

/** A message to one receiver. Every attempt sends the same `id` and `body`. */
export interface OutgoingWebhook {
  readonly url: string;
  /** Standard Webhooks' id, by which receivers know a repeat. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** Who sends, and when. */
export interface WebhookSender {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** The sender's name, such as "event-agent": the user agent is `tenner-<name>`. */
  readonly name: string;
  /** Now, in milliseconds. */
  readonly at: number;
  /** Hosts inside the network that may be called: see `Settings.allowedWebhookHosts`. */
  readonly allowedHosts?: readonly string[];
}

/**
 * Sends a signed webhook once. `failed` is worth another attempt; `refused` is not: the address is forbidden, or the
 * receiver said 410 Gone.
 */
export async function deliverWebhook(
  message: OutgoingWebhook,
  { secret, name, at, allowedHosts = [] }: WebhookSender,
): Promise<"delivered" | "failed" | "refused"> {
  const { signal, stop } = stoppableTimeout(TIMEOUT_MS);
  try {
    const signed = await signWebhook(secret, { id: message.id, at, body: message.body });
    const response = await guardedFetch(
      message.url,
      {
        method: "POST",
        headers: { ...signed, "content-type": "application/json", "user-agent": `tenner-${name}` },
        body: message.body,
        signal,
      },
      { allowedHosts, keepMethod: true },
    );
    await response.body?.cancel();
    if (response.ok) return "delivered";
    return response.status === 410 ? "refused" : "failed";
  } catch (error) {
    return error instanceof ForbiddenAddress ? "refused" : "failed";
  } finally {
    stop();
  }
}

/** Seconds between a webhook's attempts: quick at first, then hours, for a day in all. */
const DELAYS = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 21_600, 21_600];

/** How long a webhook is tried, in milliseconds. */
export const WEBHOOK_WINDOW_MS = 24 * 3_600_000;

/**
 * When to try a webhook again, or null when its 24 hours are over. The last attempt falls on their end.
 *
 * @param attempts made so far
 * @param random 0 to 1, adds up to a tenth
 */
export function nextWebhookAttempt(attempts: number, firstAt: number, now: number, random: number): number | null {
  const end = firstAt + WEBHOOK_WINDOW_MS;
  if (now >= end) return null;
  const seconds = DELAYS[Math.min(attempts, DELAYS.length) - 1] ?? 5;
  return Math.min(end, now + Math.round(seconds * 1_000 * (1 + random / 10)));
}

/**
 * Checks an address that a caller gave, such as a webhook's.
 *
 * @param path where it stands in the body, as a JSON Pointer
 * @throws Problem 400 when it leads into the network
 */
export function checkGivenAddress(url: string, path: string, allowedHosts: readonly string[]): void {
  try {
    checkAddress(url, { allowedHosts });
  } catch (error) {
    if (!(error instanceof ForbiddenAddress)) throw error;
    const { message } = error;
    throw new Problem(400, "invalid_request", `${path}: ${message}`, { errors: [{ path, message }], cause: error });
  }
}
