/** The SHA-256 of a list of texts as hexadecimal digits; where one text ends and the next begins is part of it. */
export async function sha256(texts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(texts)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
