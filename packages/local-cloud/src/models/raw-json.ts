/** The texts of answers that were made here, so that reading one back costs nothing. */
const texts = new WeakMap<Response, string>();

/** workerd's `ai-api` takes an answer for JSON only when the content type is exactly this, without a charset. */
export function rawJson(value: unknown, status = 200): Response {
  const text = JSON.stringify(value);
  const response = new Response(text, { status, headers: { "content-type": "application/json" } });
  texts.set(response, text);
  return response;
}

/** The body of an answer, at once where {@link rawJson} made it. Its body is then not read. */
export async function textOf(response: Response): Promise<string> {
  return texts.get(response) ?? response.text();
}
