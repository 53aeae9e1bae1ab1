import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CheckpointWriter, parseCheckpoint } from "./checkpoint.ts";
import { createCrypter, openCrypter, WrongPassphraseError } from "./passphrase.ts";
import { isObject, isSecret, reveal, secret } from "./values.ts";

const recorded = readFileSync(new URL("../testdata/cli-checkpoint.json", import.meta.url), "utf8");

describe("a checkpoint the CLI wrote", () => {
  it("is decrypted with its passphrase, and written back without a difference", async () => {
    const sealed = parseCheckpoint(recorded);
    const crypter = await openCrypter("tenner-traces", sealed.salt ?? "");
    const checkpoint = sealed.open(crypter);
    const provider = checkpoint.resources.find((state) => state.type === "pulumi:providers:cloudflare");
    expect(isSecret(provider?.inputs["apiToken"]) && provider.inputs["apiToken"].value).toMatch(/^[\w-]{40,80}$/);
    const written = new CheckpointWriter(crypter, "organization/lab/dev").write(checkpoint);
    expect(withoutManifest(written)).toBe(withoutManifest(recorded));
  });

  it("has a secret inside a secret as the program gave it", async () => {
    const sealed = parseCheckpoint(recorded);
    const { resources } = sealed.open(await openCrypter("tenner-traces", sealed.salt ?? ""));
    // Here the inputs have one secret text, the outputs the same text in a list that is secret as a whole.
    const script = resources.find((state) => state.urn.endsWith("WorkersScript::multi"));
    expect(script?.outputs["bindings"]).toEqual(secret([{ name: "MODE", type: "plain_text", text: "multi" }]));
    expect(reveal(script?.outputs["bindings"])).toEqual(reveal(script?.inputs["bindings"]));
  });

  it("refuses another passphrase", async () => {
    await expect(openCrypter("something else", parseCheckpoint(recorded).salt ?? "")).rejects.toThrow(
      WrongPassphraseError,
    );
  });
});

it("opens what it has sealed itself", async () => {
  const crypter = await createCrypter("secret words");
  const again = await openCrypter("secret words", crypter.salt);
  expect(again.decrypt(crypter.encrypt("ä text"))).toBe("ä text");
  expect(crypter.encrypt("same")).not.toBe(crypter.encrypt("same"));
});

/** The time of writing differs; everything else must not, down to the order of the keys. */
function withoutManifest(text: string): string {
  const parsed: unknown = JSON.parse(text);
  if (!isObject(parsed) || !isObject(parsed["checkpoint"]) || !isObject(parsed["checkpoint"]["latest"]))
    throw new Error("no checkpoint");
  parsed["checkpoint"]["latest"]["manifest"] = {};
  return JSON.stringify(parsed);
}
