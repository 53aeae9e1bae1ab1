/** workerd's `ai-api` takes an answer for JSON only when the content type is exactly this, without a charset. */
export function rawJson(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}
