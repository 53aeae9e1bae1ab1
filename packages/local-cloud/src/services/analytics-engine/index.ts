import { Hono } from "hono";
import * as z from "zod";
import type { Service, ServiceContext } from "../../core/service.ts";
import { Point } from "./point.ts";
import { sqlRoutes } from "./routes.ts";
import { PointStore } from "./store.ts";

const AnalyticsBinding = z.object({ name: z.string(), dataset: z.string().min(1).nullish() });

/** Analytics Engine, with the way in for what Workers write. */
export interface AnalyticsEngineService extends Service {
  /** Keeps data points; one that is over the limits is dropped alone, as nobody waits who could be told. */
  write(accountId: string, points: readonly z.input<typeof Point>[]): void;
}

/** Workers Analytics Engine: keeps what Workers write, and answers simple SELECTs about it. */
export function analyticsEngine(ctx: ServiceContext): AnalyticsEngineService {
  const points = new PointStore(ctx);
  return {
    name: "analytics-engine",
    routes: new Hono().route("/analytics_engine", sqlRoutes(points, ctx)),
    bindings: {
      analytics_engine(_accountId, binding) {
        const { name, dataset } = AnalyticsBinding.parse(binding);
        return { type: "analytics", dataset: dataset ?? name };
      },
    },
    write(accountId, written) {
      for (const one of written) {
        const point = Point.safeParse(one);
        if (point.success) points.add(accountId, point.data);
      }
    },
    close: () => points.flush(),
  };
}
