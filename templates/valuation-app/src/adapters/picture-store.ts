import { sortableId } from "@tenner/worker-kit/sortable-id";

/** What a picture is called: nobody guesses it. */
const PICTURE_NAME = /^pic_[0-9a-z]{26}\.jpg$/;

/** Stores a picture. @returns its name */
export async function storePicture(env: Env, jpeg: Uint8Array<ArrayBuffer>, at: number): Promise<string> {
  const name = `${sortableId("pic", at)}.jpg`;
  await env.PICTURES.put(name, jpeg, { httpMetadata: { contentType: "image/jpeg" } });
  return name;
}

/** A picture's bytes, or null when there is none of that name. */
export async function readPicture(env: Env, name: string): Promise<R2ObjectBody | null> {
  return PICTURE_NAME.test(name) ? env.PICTURES.get(name) : null;
}
