import { now } from "@tenner/worker-kit/clock";
import { ForbiddenAddress, guardedFetch } from "@tenner/worker-kit/outbound-guard";
import type { Settings } from "@tenner/worker-kit/settings";
import { signWebhook } from "@tenner/worker-kit/webhooks";

const TIMEOUT_MS = 10_000;

/**
 * Sends a signed webhook once. `failed` is worth another attempt; `refused` is not: the address is forbidden, or the
 * receiver said 410 Gone.
 */
export async function deliverWebhook(
  env: { readonly WEBHOOK_SECRET: string },
  settings: Settings,
  message: { url: string; id: string; body: string },
): Promise<"delivered" | "failed" | "refused"> {
  try {
    const signed = await signWebhook(env.WEBHOOK_SECRET, { id: message.id, at: now(env), body: message.body });
    const response = await guardedFetch(
      message.url,
      {
        method: "POST",
        headers: { ...signed, "content-type": "application/json", "user-agent": "tenner-event-agent" },
        body: message.body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
      { allowedHosts: settings.allowedWebhookHosts, keepMethod: true },
    );
    await response.body?.cancel();
    if (response.ok) return "delivered";
    return response.status === 410 ? "refused" : "failed";
  } catch (error) {
    return error instanceof ForbiddenAddress ? "refused" : "failed";
  }
}
