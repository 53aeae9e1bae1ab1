import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "@tenner/worker-kit/settings";
import * as z from "zod";
import type { BindingSource } from "./match-bindings.ts";

/** As HS256 wants it. */
const LEAST_BYTES = 32;

/**
 * Secrets that a Worker shares with issuers of tokens, under the names that `access.jwt` says. They come from the
 * stack's configuration: `tenner config set --secret tenner:jwtSecrets '{"JWT_SECRET":"…"}'`.
 *
 * @throws pulumi.RunError with the names that are missing or too short
 */
export function tokenSecrets({ access }: Settings): Readonly<Record<string, BindingSource>> {
  const names = new Set(access.jwt.issuers.flatMap((issuer) => (issuer.algorithm === "HS256" ? [issuer.secret] : [])));
  if (names.size === 0) return {};
  const given = new pulumi.Config("tenner").getSecret("jwtSecrets");
  if (!given) throw missing([...names]);
  const secrets = given.apply((text) => readSecrets(text, [...names]));
  return Object.fromEntries(
    [...names].map((name) => [name, { type: "secret_text", text: secrets.apply((all) => all[name]) }]),
  );
}

/** @throws pulumi.RunError which never holds a secret */
export function readSecrets(text: string, names: readonly string[]): Readonly<Record<string, string>> {
  const parsed = z.record(z.string(), z.string()).safeParse(parseJson(text));
  const secrets = parsed.success ? parsed.data : {};
  const unusable = names.filter((name) => Buffer.byteLength(secrets[name] ?? "") < LEAST_BYTES);
  if (unusable.length > 0) throw missing(unusable);
  return secrets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(names: readonly string[]): pulumi.RunError {
  const example = JSON.stringify(Object.fromEntries(names.map((name) => [name, "…"])));
  return new pulumi.RunError(
    `tenner:jwtSecrets: ${names.join(", ")}: missing, or shorter than ${LEAST_BYTES} bytes. ` +
      `Set it with \`tenner config set --secret tenner:jwtSecrets '${example}'\`.`,
  );
}
