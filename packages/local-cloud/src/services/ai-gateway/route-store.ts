import { timestamp } from "../../core/clock.ts";
import type { ServiceContext } from "../../core/service.ts";
import type { Row } from "../../core/store.ts";
import type { Inference } from "../../models/inference.ts";
import { checkRoute } from "./check-route.ts";
import { invalidRoute, routeExists, routeNotFound, versionNotFound } from "./errors.ts";
import type { Route } from "./gateway.ts";
import { readElements } from "./route-elements.ts";

/** A route as the API shows it, with its elements as they were sent. */
export interface RouteAnswer {
  id: string;
  name: string;
  gateway_id: string;
  elements: unknown;
  created_at: string;
  modified_at: string;
  deployment: DeploymentAnswer;
  version: VersionAnswer;
}

export interface DeploymentAnswer {
  deployment_id: string;
  version_id: string;
  created_at: string;
}

export interface VersionAnswer {
  version_id: string;
  active: "true" | "false";
  is_valid: true;
  /** The elements as JSON. */
  data: string;
  created_at: string;
}

/** The dynamic routes of all gateways, with their versions. */
export class RouteStore {
  readonly #ctx: ServiceContext;
  readonly #knows: Inference["knows"];
  /** What the data plane asks for at every call, by account, gateway and name. */
  readonly #active = new Map<string, Route>();

  constructor(ctx: ServiceContext, { knows }: Pick<Inference, "knows">) {
    this.#ctx = ctx;
    this.#knows = knows;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS ai_gateway_routes (
        account_id TEXT NOT NULL, gateway_id TEXT NOT NULL, id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL,
        created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, UNIQUE (account_id, gateway_id, name),
        FOREIGN KEY (account_id, gateway_id) REFERENCES ai_gateways (account_id, id) ON DELETE CASCADE
      ) STRICT;
      CREATE TABLE IF NOT EXISTS ai_gateway_route_versions (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, elements TEXT NOT NULL, created_at INTEGER NOT NULL,
        route_id TEXT NOT NULL REFERENCES ai_gateway_routes (id) ON DELETE CASCADE
      ) STRICT;
      CREATE INDEX IF NOT EXISTS ai_gateway_versions_of_route ON ai_gateway_route_versions (route_id);
      CREATE TABLE IF NOT EXISTS ai_gateway_route_deployments (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, version_id TEXT NOT NULL, created_at INTEGER NOT NULL,
        route_id TEXT NOT NULL REFERENCES ai_gateway_routes (id) ON DELETE CASCADE
      ) STRICT;
      CREATE INDEX IF NOT EXISTS ai_gateway_deployments_of_route ON ai_gateway_route_deployments (route_id)`);
  }

  /** By name. */
  list(accountId: string, gatewayId: string): RouteAnswer[] {
    return this.#ctx.store
      .all(
        "SELECT * FROM ai_gateway_routes WHERE account_id = ? AND gateway_id = ? ORDER BY name",
        accountId,
        gatewayId,
      )
      .map((row) => this.#answer(row));
  }

  /** @throws {ApiError} 7002 */
  get(accountId: string, gatewayId: string, id: string): RouteAnswer {
    return this.#answer(this.#row(accountId, gatewayId, id));
  }

  /** The active version of a route, for a call. */
  active(accountId: string, gatewayId: string, name: string): Route | undefined {
    const key = `${accountId}/${gatewayId}/${name}`;
    const known = this.#active.get(key);
    if (known) return known;
    const row = this.#ctx.store.get(
      "SELECT * FROM ai_gateway_routes WHERE account_id = ? AND gateway_id = ? AND name = ?",
      accountId,
      gatewayId,
      name,
    );
    if (!row) return undefined;
    const { id, elements } = this.#answer(row);
    const route: Route = { id, name, gatewayId, elements: readElements(elements) };
    this.#active.set(key, route);
    return route;
  }

  /** Makes a route, and deploys its first version. @throws {ApiError} when the name is taken or the elements are wrong. */
  create(accountId: string, gatewayId: string, name: string, elements: unknown): RouteAnswer {
    this.#check(elements);
    this.#checkName(accountId, gatewayId, name);
    const { store, clock, ids } = this.#ctx;
    const id = ids.hex();
    const now = Math.floor(clock.now());
    store.transaction(() => {
      store.run(
        `INSERT INTO ai_gateway_routes (account_id, gateway_id, id, name, created_at, modified_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
        ...[accountId, gatewayId, id, name, now, now],
      );
      this.#deploy(id, this.#addVersion(id, elements, now), now);
    });
    this.#changed(accountId, gatewayId, "create", name);
    return this.get(accountId, gatewayId, id);
  }

  /** @throws {ApiError} 7002, or when the name is taken. */
  rename(accountId: string, gatewayId: string, id: string, name: string): RouteAnswer {
    if (this.get(accountId, gatewayId, id).name !== name) {
      this.#checkName(accountId, gatewayId, name);
      this.#ctx.store.run("UPDATE ai_gateway_routes SET name = ? WHERE id = ?", name, id);
      this.#touch(id);
      this.#changed(accountId, gatewayId, "update", name);
    }
    return this.get(accountId, gatewayId, id);
  }

  /** @throws {ApiError} 7002 */
  delete(accountId: string, gatewayId: string, id: string): RouteAnswer {
    const route = this.get(accountId, gatewayId, id);
    this.#ctx.store.run("DELETE FROM ai_gateway_routes WHERE id = ?", id);
    this.#changed(accountId, gatewayId, "delete", route.name);
    return route;
  }

  /** Keeps one more version; calls take the deployed one. @throws {ApiError} 7002, or when the elements are wrong. */
  addVersion(accountId: string, gatewayId: string, id: string, elements: unknown): RouteAnswer {
    const route = this.get(accountId, gatewayId, id);
    this.#check(elements);
    this.#ctx.store.transaction(() => this.#addVersion(id, elements, Math.floor(this.#ctx.clock.now())));
    return { ...route, elements };
  }

  /** Newest first. @throws {ApiError} 7002 */
  versions(accountId: string, gatewayId: string, id: string): VersionAnswer[] {
    const { deployment } = this.get(accountId, gatewayId, id);
    return this.#ctx.store
      .all("SELECT * FROM ai_gateway_route_versions WHERE route_id = ? ORDER BY number DESC", id)
      .map((row) => versionAnswer(row, deployment.version_id));
  }

  /** @throws {ApiError} 7002 */
  version(accountId: string, gatewayId: string, id: string, versionId: string): VersionAnswer {
    const version = this.versions(accountId, gatewayId, id).find((one) => one.version_id === versionId);
    if (!version) throw versionNotFound(versionId);
    return version;
  }

  /** Sends calls to a version. @throws {ApiError} 7002 */
  deploy(accountId: string, gatewayId: string, id: string, versionId: string): RouteAnswer {
    this.version(accountId, gatewayId, id, versionId);
    const now = Math.floor(this.#ctx.clock.now());
    this.#ctx.store.transaction(() => {
      this.#deploy(id, versionId, now);
      this.#touch(id);
    });
    const route = this.get(accountId, gatewayId, id);
    this.#changed(accountId, gatewayId, "deploy", route.name);
    return route;
  }

  /** Newest first. @throws {ApiError} 7002 */
  deployments(accountId: string, gatewayId: string, id: string): DeploymentAnswer[] {
    this.#row(accountId, gatewayId, id);
    return this.#ctx.store
      .all("SELECT * FROM ai_gateway_route_deployments WHERE route_id = ? ORDER BY number DESC", id)
      .map(deploymentAnswer);
  }

  /** The gateway, or the whole account, is gone. */
  forget(accountId: string, gatewayId?: string): void {
    const prefix = gatewayId === undefined ? `${accountId}/` : `${accountId}/${gatewayId}/`;
    for (const key of this.#active.keys()) if (key.startsWith(prefix)) this.#active.delete(key);
  }

  #row(accountId: string, gatewayId: string, id: string): Row {
    const row = this.#ctx.store.get(
      "SELECT * FROM ai_gateway_routes WHERE account_id = ? AND gateway_id = ? AND id = ?",
      accountId,
      gatewayId,
      id,
    );
    if (!row) throw routeNotFound(id);
    return row;
  }

  #answer(row: Row): RouteAnswer {
    const id = String(row["id"]);
    const { store } = this.#ctx;
    const deployment = store.get(
      "SELECT * FROM ai_gateway_route_deployments WHERE route_id = ? ORDER BY number DESC LIMIT 1",
      id,
    );
    const version = store.get(
      "SELECT * FROM ai_gateway_route_versions WHERE id = ?",
      String(deployment?.["version_id"] ?? ""),
    );
    if (!deployment || !version) throw new Error(`route ${id} has no deployed version`);
    return {
      id,
      name: String(row["name"]),
      gateway_id: String(row["gateway_id"]),
      elements: JSON.parse(String(version["elements"])) as unknown,
      created_at: timestamp(Number(row["created_at"])),
      modified_at: timestamp(Number(row["modified_at"])),
      deployment: deploymentAnswer(deployment),
      version: versionAnswer(version, String(version["id"])),
    };
  }

  #check(elements: unknown): void {
    const problems = checkRoute(readElements(elements), this.#knows);
    if (problems.length > 0) throw invalidRoute(problems);
  }

  #checkName(accountId: string, gatewayId: string, name: string): void {
    if (this.list(accountId, gatewayId).some((route) => route.name === name)) throw routeExists(name);
  }

  #addVersion(routeId: string, elements: unknown, now: number): string {
    const id = this.#ctx.ids.hex();
    this.#ctx.store.run(
      "INSERT INTO ai_gateway_route_versions (id, elements, created_at, route_id) VALUES (?, ?, ?, ?)",
      id,
      JSON.stringify(elements),
      now,
      routeId,
    );
    return id;
  }

  #deploy(routeId: string, versionId: string, now: number): void {
    this.#ctx.store.run(
      "INSERT INTO ai_gateway_route_deployments (id, version_id, created_at, route_id) VALUES (?, ?, ?, ?)",
      this.#ctx.ids.hex(),
      versionId,
      now,
      routeId,
    );
  }

  #touch(id: string): void {
    const now = Math.floor(this.#ctx.clock.now());
    this.#ctx.store.run("UPDATE ai_gateway_routes SET modified_at = ? WHERE id = ?", now, id);
  }

  #changed(accountId: string, gatewayId: string, action: string, name: string): void {
    this.forget(accountId, gatewayId);
    const resource = `${gatewayId} dynamic/${name}`;
    this.#ctx.activity.record({ type: "change", accountId, product: "ai-gateway", action, resource });
  }
}

function deploymentAnswer(row: Row): DeploymentAnswer {
  return {
    deployment_id: String(row["id"]),
    version_id: String(row["version_id"]),
    created_at: timestamp(Number(row["created_at"])),
  };
}

function versionAnswer(row: Row, activeId: string): VersionAnswer {
  return {
    version_id: String(row["id"]),
    active: row["id"] === activeId ? "true" : "false",
    is_valid: true,
    data: String(row["elements"]),
    created_at: timestamp(Number(row["created_at"])),
  };
}
