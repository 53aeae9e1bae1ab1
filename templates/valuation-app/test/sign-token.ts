/** What signs tokens in the tests. */
export interface Signer {
  readonly header: object;
  readonly sign: (text: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;
}

/** Signs with a secret that both sides know. */
export async function sharedSigner(secret: string): Promise<Signer> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), hmac, false, ["sign"]);
  return { header: { alg: "HS256" }, sign: (text) => crypto.subtle.sign("HMAC", key, text) };
}

/** A token with these claims. */
export async function signToken({ header, sign }: Signer, claims: object): Promise<string> {
  const unsigned = [header, claims].map((part) => base64url(bytes(JSON.stringify(part)))).join(".");
  return `${unsigned}.${base64url(new Uint8Array(await sign(bytes(unsigned))))}`;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

function base64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
