/** Compares two secrets in time that depends on neither's content: both are hashed, then compared. */
export async function timingSafeEqual(left: string, right: string): Promise<boolean> {
  return isSameHash(await sha256Hex(left), await sha256Hex(right));
}

/** Compares two hashes in time that depends on neither's content. */
export function isSameHash(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let place = 0; place < left.length; place++) difference |= left.charCodeAt(place) ^ right.charCodeAt(place);
  return difference === 0;
}

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits. */
export async function sha256Hex(text: string): Promise<string> {
  return [...(await sha256(text))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
