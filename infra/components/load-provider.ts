import { runInThisContext } from "node:vm";
import type * as pulumi from "@pulumi/pulumi";
import { type ProviderFactory, providerCode } from "./dynamic-resource.ts";

const CONFIGURATION = { "cloudflare:baseUrl": "http://cloud.invalid/client/v4", "cloudflare:apiToken": "token" };

/** For tests: loads a provider as Pulumi's process does, from its text alone, and configures it. */
export async function load(
  factory: ProviderFactory,
  configuration: Record<string, string> = CONFIGURATION,
): Promise<pulumi.dynamic.ResourceProvider> {
  const module: { handler?: () => pulumi.dynamic.ResourceProvider } = {};
  runInThisContext(`(exports) => {${providerCode(factory)}}`)(module);
  const provider = module.handler?.();
  if (!provider) throw new Error("no handler");
  const config = { get: (key: string) => configuration[key], require: (key: string) => String(configuration[key]) };
  await provider.configure?.({ config });
  return provider;
}
