/** A stack signs with one key, on every request; it is kept when it is there, because a request cannot wait for another's. */
let last: { readonly key: string; readonly imported: CryptoKey } | undefined;

/** HMAC-SHA-256 of a text, in base64url. */
export async function signText(text: string, key: string): Promise<string> {
  const encoder = new TextEncoder();
  if (last?.key !== key) {
    const hmac = { name: "HMAC", hash: "SHA-256" };
    last = { key, imported: await crypto.subtle.importKey("raw", encoder.encode(key), hmac, false, ["sign"]) };
  }
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", last.imported, encoder.encode(text)));
  return btoa(String.fromCharCode(...signature))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
