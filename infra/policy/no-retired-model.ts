import { retiredOn } from "@tenner/worker-kit/settings";
import { type Finding, itemsOf, membersOf, ofType, type PolicyRule, TYPES, titleOf } from "./rule.ts";

/**
 * No route leads to a model that Workers AI has switched off. (The models of the settings are refused where the settings
 * are parsed: they have no price any more.)
 */
export const noRetiredModel: PolicyRule = {
  name: "no-retired-model",
  find(resources) {
    return ofType(resources, TYPES.route).flatMap((route) =>
      itemsOf(route.properties["elements"]).flatMap((element): Finding[] => {
        const model = membersOf(element["properties"])["model"];
        const day = typeof model === "string" ? retiredOn(model) : undefined;
        if (day === undefined) return [];
        const why = `asks ${String(model)}, which was switched off on ${day}: every call of it fails`;
        return [{ where: titleOf(route), why, remedy: "name another model in tenner:settings.models" }];
      }),
    );
  },
};
