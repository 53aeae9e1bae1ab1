import { createHash } from "node:crypto";
import type { CatalogModel } from "../../models/catalog.ts";

/**
 * The catalog as `GET /ai/models/search` answers it, narrowed by `search`, `task` and `hide_experimental`.
 *
 * @see https://developers.cloudflare.com/api/resources/ai/subresources/models/methods/list/
 */
export function searchModels(catalog: readonly CatalogModel[], query: Readonly<Record<string, string>>) {
  const word = query.search?.toLowerCase();
  const task = query.task?.toLowerCase();
  return catalog
    .filter((model) => !word || model.name.toLowerCase().includes(word))
    .filter((model) => !task || model.task.toLowerCase() === task)
    .map(describe);
}

function describe(model: CatalogModel) {
  const price = [
    { unit: "per M input tokens", price: model.inputPrice, currency: "USD" },
    { unit: "per M output tokens", price: model.outputPrice, currency: "USD" },
    { unit: "per 512 by 512 tile", price: model.tilePrice ?? null, currency: "USD" },
    { unit: "per step", price: model.stepPrice ?? null, currency: "USD" },
  ].filter((one) => one.price !== null);
  return {
    id: stableId(model.name),
    source: 1,
    name: model.name,
    description: model.description,
    task: { id: stableId(model.task), name: model.task, description: model.task },
    tags: [],
    created_at: "2026-01-01 00:00:00.000",
    properties: [
      ...(model.contextWindow === null ? [] : [{ property_id: "context_window", value: String(model.contextWindow) }]),
      ...(price.length === 0 ? [] : [{ property_id: "price", value: price }]),
      ...(model.deprecated === null ? [] : [{ property_id: "planned_deprecation_date", value: model.deprecated }]),
    ],
  };
}

/** The same UUID for the same name, always. */
function stableId(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
