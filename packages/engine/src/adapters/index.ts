import type { InvokeAdapter, ResourceAdapter } from "../adapter.ts";

/** Every resource type the engine can make, by Pulumi type token. */
export const adapters: Record<string, ResourceAdapter> = {};

/** Every function of the provider, by Pulumi token. */
export const invokes: Record<string, InvokeAdapter> = {};
