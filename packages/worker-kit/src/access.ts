/** Who may call: tokens of issuers besides API keys, addresses, origins. */
export { allowOrigins, type CrossOriginHeaders } from "./access/cross-origin.ts";
export { allowIps } from "./access/ip-guard.ts";
export { tokenCallers } from "./access/token-callers.ts";
export { tokenEndpoints } from "./access/token-endpoints.ts";
export { forgetRevokedTokens } from "./access/token-store.ts";
