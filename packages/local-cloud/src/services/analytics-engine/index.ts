import { Hono } from "hono";
import * as z from "zod";
import type { Service, ServiceContext } from "../../core/service.ts";
import { Point } from "./point.ts";
import { sqlRoutes } from "./routes.ts";
import { PointStore } from "./store.ts";

const AnalyticsBinding = z.object({ name: z.string(), dataset: z.string().min(1).nullish() });

/** Workers Analytics Engine: keeps what Workers write, and answers simple SELECTs about it. */
export function analyticsEngine(ctx: ServiceContext): Service {
  const points = new PointStore(ctx);
  const backend = new Hono();
  backend.post("/points", async (context) => {
    const accountId = context.req.header("x-local-account");
    if (accountId === undefined) return context.text("the header x-local-account is missing", 400);
    const parsed = z.union([Point, z.array(Point)]).safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.text(z.prettifyError(parsed.error), 400);
    for (const point of [parsed.data].flat()) points.add(accountId, point);
    return context.body(null, 204);
  });
  return {
    name: "analytics-engine",
    routes: new Hono().route("/analytics_engine", sqlRoutes(points, ctx.clock)),
    backend,
    bindings: {
      analytics_engine(_accountId, binding) {
        const { name, dataset } = AnalyticsBinding.parse(binding);
        return { type: "analytics", dataset: dataset ?? name };
      },
    },
    close: () => points.flush(),
  };
}
