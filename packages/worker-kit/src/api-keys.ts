/** API keys and the tenants they stand for: guards, endpoints, storage in D1. */
export { type ApiKey, type Caller, KeyScope } from "./api-keys/contract.ts";
export { apiKeyEndpoints } from "./api-keys/endpoints.ts";
export { type ApiKeyBindings, type ApiKeyEnv, apiKeyGuards, limitSubmissions } from "./api-keys/guards.ts";
