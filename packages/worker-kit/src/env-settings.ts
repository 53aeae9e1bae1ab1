import { GatewaySettings, Settings } from "./settings.ts";

/** By the bindings' objects, which an isolate has once: parsing takes longer than answering from memory. */
const parsed = new WeakMap<object, Settings>();
const parsedGateways = new WeakMap<object, GatewaySettings>();

/** The stack's settings, parsed once in an isolate. @throws ZodError when the binding is not as `Settings` has it */
export function settingsOf({ SETTINGS }: { readonly SETTINGS: object }): Settings {
  const settings = parsed.get(SETTINGS) ?? Settings.parse(SETTINGS);
  parsed.set(SETTINGS, settings);
  return settings;
}

/** The stack's AI Gateway, parsed once in an isolate. @throws ZodError when the binding is not as it should be */
export function gatewayOf({ AI_GATEWAY }: { readonly AI_GATEWAY: object }): GatewaySettings {
  const gateway = parsedGateways.get(AI_GATEWAY) ?? GatewaySettings.parse(AI_GATEWAY);
  parsedGateways.set(AI_GATEWAY, gateway);
  return gateway;
}
