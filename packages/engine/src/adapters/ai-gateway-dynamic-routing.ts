import type { Properties, ResourceAdapter } from "../adapter.ts";
import { type CrudSpecification, crud, decodeAnswer, lastSegment } from "./crud.ts";
import { accountPath, items, members, optionalText, text } from "./properties.ts";
import { withoutNulls } from "./wire-names.ts";

const specification: CrudSpecification = {
  collection: routesPath,
  identifier: "id",
  body: ["elements", "name"],
  names: {
    renamed: { aiGatewayDynamicRoutingProvider: "provider", elementId: "elementId", limitType: "limitType" },
  },
  timestamps: ["createdAt", "modifiedAt"],
  importId: ["accountId", "gatewayId", "id"],
  replaceOn: ["accountId", "gatewayId", "elements"],
  computed: ["id", "createdAt", "deployment", "modifiedAt", "version"],
  changesOnUpdate: ["createdAt", "deployment", "modifiedAt", "version"],
  deleteBeforeReplace: true,
  /** The list of routes is one of the few answers with `data` in the place of `result`. */
  async findByName({ client }, inputs) {
    const envelope = await client.requestEnvelope("GET", routesPath(inputs));
    const routes = items(members(envelope.data ?? envelope.result).routes ?? envelope.result);
    const match = routes.find(({ name }) => name === inputs.name);
    return match && client.request("GET", `${routesPath(inputs)}/${encodeURIComponent(text(match, "id"))}`);
  },
};

/** @see https://developers.cloudflare.com/ai-gateway/features/dynamic-routing/ */
export const aiGatewayDynamicRouting: ResourceAdapter = {
  ...crud(specification),

  /** Only the name can change in place; the answer has the route's fields beside `success`, not in `result`. */
  async update({ client }, id, olds, inputs) {
    const path = `${routesPath({ ...olds, ...inputs })}/${encodeURIComponent(optionalText(olds, "id") ?? lastSegment(id))}`;
    const envelope = await client.requestEnvelope("PATCH", path, { json: { name: inputs.name } });
    const nested = members(envelope.result ?? envelope.route);
    const observed = withoutNulls(decodeAnswer(specification, { ...nested, ...envelope })) as Properties; // an object stays one
    return { outputs: { ...olds, ...observed } };
  },
};

function routesPath(properties: Properties): string {
  const gateway = encodeURIComponent(text(properties, "gatewayId"));
  return `${accountPath(properties)}/ai-gateway/gateways/${gateway}/routes`;
}
