import { Hono } from "hono";
import * as z from "zod";
import { timestamp } from "../../core/clock.ts";
import type { Scripts } from "./scripts.ts";

/** `GET /_local/workers/versions?account=ID&script=NAME`. Times are RFC 3339. */
export interface VersionsOverview {
  /** Null for a script that was never deployed. */
  deployment: { id: string; createdAt: string } | null;
  /** Those of the deployment, oldest first. */
  versions: VersionView[];
}

interface VersionView {
  id: string;
  number: number;
  /** Share of the requests, 0–100. */
  percentage: number;
  /** That came in at the Worker's address or a custom domain since the deployment was made or the cloud was started. */
  requests: number;
  /** Those answered with 500 and above, or not at all. */
  errors: number;
  /** Milliseconds until the answer was whole; null before the first request. */
  p50Ms: number | null;
  p95Ms: number | null;
}

const Query = z.object({ account: z.string(), script: z.string() });

/** How the versions of a Worker fare beside each other: what Cloudflare's dashboard and its GraphQL API show after minutes. */
export function versionFigureRoutes(scripts: Scripts): Hono {
  const routes = new Hono();
  routes.get("/versions", (context) => {
    const { account, script } = Query.parse(context.req.query());
    const { deployment, versions } = scripts.figures(scripts.get(account, script));
    const overview: VersionsOverview = {
      deployment: deployment ? { id: deployment.id, createdAt: timestamp(deployment.createdOn) } : null,
      versions: versions.map(({ version: { id, number }, percentage, figures }) => ({
        id,
        number,
        percentage,
        ...(figures ?? { requests: 0, errors: 0, p50Ms: null, p95Ms: null }),
      })),
    };
    return context.json(overview);
  });
  return routes;
}
