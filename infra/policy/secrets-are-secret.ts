import { type Finding, itemsOf, Later, ofType, type PlannedResource, type PolicyRule, TYPES, titleOf } from "./rule.ts";

/** Names that people give to secrets. A public key (`TURNSTILE_SITE_KEY`, `PUBLIC_KEY`) is none. */
const SECRET_NAME = /(^|_)(SECRETS?|TOKENS?|PASSWORDS?|PASSPHRASE|CREDENTIALS?|PRIVATE_KEY|(?<!SITE_|PUBLIC_)KEYS?)$/i;
/** How secrets begin: ours, those of model providers and of GitHub, private keys. */
const SECRET_VALUE = /\b(tnr_|own_|whsec_|sk-|ghp_|github_pat_)[\w-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const READABLE = new Set(["plain_text", "json"]);
const ENCRYPTED = "it is readable in Cloudflare's dashboard, in its API and in the stack's state";

/** What looks like a secret is bound as one, and what is bound as one is encrypted in the stack's state. */
export const secretsAreSecret: PolicyRule = {
  name: "secrets-are-secret",
  find(resources) {
    return ofType(resources, TYPES.script).flatMap((script) =>
      itemsOf(script.properties["bindings"]).flatMap((binding): Finding[] => {
        const name = String(binding["name"]);
        if (READABLE.has(String(binding["type"]))) {
          const looksSecret = SECRET_NAME.test(name) || SECRET_VALUE.test(textOf(binding));
          if (!looksSecret) return [];
          const why = `binds ${name} as ${String(binding["type"])}, and it looks like a secret: ${ENCRYPTED}`;
          const remedy = `name it in "secrets" of wrangler.jsonc, and give it as secret_text`;
          return [{ where: titleOf(script), why, remedy }];
        }
        const open = binding["type"] === "secret_text" && !(binding["text"] instanceof Later);
        return open ? [notMarked(script, name)] : [];
      }),
    );
  },
  async findLater(script) {
    if (script.type !== TYPES.script) return [];
    const bindings = itemsOf(script.properties["bindings"]).filter(({ type }) => type === "secret_text");
    const findings = await Promise.all(
      bindings.map(async ({ name, text }) =>
        text instanceof Later && !(await text.isSecret()) ? [notMarked(script, String(name))] : [],
      ),
    );
    return findings.flat();
  },
};

function notMarked(script: PlannedResource, name: string): Finding {
  const why = `the value of ${name} is not marked as a secret: the stack's state would hold it as it is`;
  return { where: titleOf(script), why, remedy: "wrap it in pulumi.secret(…), or read it with config.getSecret" };
}

function textOf({ text, json }: Readonly<Record<string, unknown>>): string {
  return [text, json].filter((value) => typeof value === "string").join("\n");
}
