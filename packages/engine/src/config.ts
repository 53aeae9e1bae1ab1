import { readProject } from "./project.ts";
import type { StackOptions } from "./session.ts";
import { type ConfigValue, StackConfig } from "./stack-config.ts";

/** Which stack's configuration; the passphrase is needed for secrets only. */
type ConfigOptions = Pick<StackOptions, "projectDirectory" | "stack"> & Partial<Pick<StackOptions, "passphrase">>;

/** A stack's configuration in `Pulumi.<stack>.yaml`. A key without a namespace belongs to the project. */
export const config = {
  /** @returns `undefined` when the key is not set */
  async get(options: ConfigOptions, key: string): Promise<ConfigValue | undefined> {
    const stack = await open(options);
    return (await valuesOf(stack, options)).get(stack.qualify(key));
  },

  async set(options: ConfigOptions, key: string, value: string, { secret = false } = {}): Promise<void> {
    const stack = await open(options);
    if (secret) {
      if (options.passphrase === undefined) throw new Error(`a passphrase is needed to set the secret ${key}`);
      stack.setSecret(key, value, await stack.crypter(options.passphrase));
    } else {
      stack.set(key, value);
    }
    await stack.save();
  },

  /** @returns whether the key was set */
  async remove(options: ConfigOptions, key: string): Promise<boolean> {
    const stack = await open(options);
    const removed = stack.remove(key);
    await stack.save();
    return removed;
  },

  /** Every key with its namespace. Without a passphrase secrets have the value `[secret]`. */
  async list(options: ConfigOptions): Promise<Record<string, ConfigValue>> {
    return Object.fromEntries(await valuesOf(await open(options), options));
  },
};

async function open(options: ConfigOptions): Promise<StackConfig> {
  return StackConfig.read(await readProject(options.projectDirectory), options.stack);
}

async function valuesOf(stack: StackConfig, { passphrase }: ConfigOptions): Promise<Map<string, ConfigValue>> {
  if (!stack.hasSecrets) return stack.values(undefined);
  if (passphrase !== undefined) return stack.values(await stack.crypter(passphrase));
  return stack.hiddenValues();
}
