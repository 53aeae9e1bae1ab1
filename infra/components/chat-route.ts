import { createHash } from "node:crypto";
import type { GatewaySettings, Settings } from "@tenner/worker-kit/settings";

/** Attempts of each model, retries included: the ledger reserves all of them, so more of them leave less to spend. */
const ATTEMPTS = 2;

/** An element of a dynamic route, in the provider's names. */
interface RouteElement {
  readonly id: string;
  readonly type: "start" | "model" | "end";
  readonly properties?: {
    readonly aiGatewayDynamicRoutingProvider: string;
    readonly model: string;
    /** Milliseconds of one attempt, until the answer begins. */
    readonly timeout: number;
    readonly retries: number;
  };
  readonly outputs: Readonly<Partial<Record<"next" | "success" | "fallback", { readonly elementId: string }>>>;
}

/** The way a question takes through the gateway. */
export interface ChatRoute {
  /** `chat-` and a hash of the elements. */
  readonly name: string;
  readonly elements: readonly RouteElement[];
  /** The same models as the Workers get to know them. */
  readonly models: GatewaySettings["models"];
}

/**
 * The dynamic route of a stack: the primary model, then the fallback, each with its retries; one and the same model is
 * asked in one place. A call of one model ends within `limits.modelTimeoutMs`, all its attempts together.
 *
 * Elements cannot change in place, so another model is another route. Its name differs too: the new route stands beside
 * the old one until every Worker calls it, and a deployment that breaks off leaves none without a route.
 * @throws RangeError at a model that names no provider
 * @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/
 */
export function chatRoute({ models: { primary, fallback }, limits }: Pick<Settings, "models" | "limits">): ChatRoute {
  const timeoutMs = Math.floor(limits.modelTimeoutMs / ATTEMPTS);
  const steps = [
    { id: "primary", path: "models.primary", model: primary },
    ...(fallback === primary ? [] : [{ id: "fallback", path: "models.fallback", model: fallback }]),
  ];
  const elements: RouteElement[] = [
    { id: "start", type: "start", outputs: { next: { elementId: "primary" } } },
    ...steps.map(({ id, path, model }, index): RouteElement => {
      const target = routeModel(model, path);
      return {
        id,
        type: "model",
        properties: { ...target, timeout: timeoutMs, retries: ATTEMPTS - 1 },
        outputs: { success: { elementId: "end" }, fallback: { elementId: steps[index + 1]?.id ?? "end" } },
      };
    }),
    { id: "end", type: "end", outputs: {} },
  ];
  const hash = createHash("sha256").update(JSON.stringify(elements)).digest("hex").slice(0, 8);
  return {
    name: `chat-${hash}`,
    elements,
    models: steps.map(({ model }) => ({ model, attempts: ATTEMPTS, timeoutMs })),
  };
}

/** A model of the settings as a route names it: `@cf/…` is Workers AI's, `openai/gpt-5-nano` is of provider `openai`. */
function routeModel(model: string, path: string) {
  if (model.startsWith("@")) return { aiGatewayDynamicRoutingProvider: "workers-ai", model };
  const [, provider, name] = /^([a-z0-9-]+)\/(.+)$/.exec(model) ?? [];
  if (provider === undefined || name === undefined) {
    throw new RangeError(
      `${path}: ${JSON.stringify(model)} names no provider: write a Workers AI id (@cf/…) or provider/model`,
    );
  }
  return { aiGatewayDynamicRoutingProvider: provider, model: name };
}
