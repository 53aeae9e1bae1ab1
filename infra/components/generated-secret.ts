import * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";

export interface GeneratedSecretArgs {
  /** Stands before the random part, e.g. `tnr_`. */
  readonly prefix: string;
  /** How the 32 random bytes are written. */
  readonly encoding: "base64" | "base64url";
}

/** A random secret, made once and kept, encrypted, in the stack's state. Replacing the resource makes another. */
export class GeneratedSecret extends DynamicResource {
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs, options?: pulumi.CustomResourceOptions) {
    super(
      generatedSecretProvider,
      "GeneratedSecret",
      name,
      { ...args, value: undefined },
      { ...options, additionalSecretOutputs: ["value"] },
    );
    this.value = pulumi.secret(this.value);
  }
}

/** Travels as text: see `ProviderFactory`. */
export function generatedSecretProvider(): pulumi.dynamic.ResourceProvider {
  return {
    async diff(_id, olds: GeneratedSecretArgs, news: GeneratedSecretArgs) {
      const replaces = (["prefix", "encoding"] as const).filter((name) => olds[name] !== news[name]);
      return { changes: replaces.length > 0, replaces };
    },
    async create(inputs: GeneratedSecretArgs) {
      const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(32)));
      return { id: crypto.randomUUID(), outs: { ...inputs, value: inputs.prefix + bytes.toString(inputs.encoding) } };
    },
  };
}
