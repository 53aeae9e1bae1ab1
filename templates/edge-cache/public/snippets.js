/** The request of the form as others would send it. */
export const SNIPPETS = {
  curl: (request, wish) =>
    [
      `curl ${location.origin}/v1/chat/completions \\`,
      `  -H "authorization: Bearer $API_KEY" \\`,
      `  -H "content-type: application/json" \\`,
      ...(wish ? [`  -H "cache-control: ${wish}" \\`] : []),
      `  -d '${JSON.stringify(request).replaceAll("'", "'\\''")}'`,
    ].join("\n"),
  Python: (request, wish) =>
    [
      "from openai import OpenAI",
      "",
      `client = OpenAI(base_url="${location.origin}/v1", api_key="tnr_…")`,
      `answer = client.chat.completions.create(`,
      ...Object.entries(request).map(([name, value]) => `    ${name}=${python(value)},`),
      ...(wish ? [`    extra_headers={"cache-control": "${wish}"},`] : []),
      ")",
    ].join("\n"),
  TypeScript: (request, wish) =>
    [
      `import OpenAI from "openai";`,
      "",
      `const client = new OpenAI({ baseURL: "${location.origin}/v1", apiKey: "tnr_…" });`,
      `const answer = await client.chat.completions.create(${JSON.stringify(request, null, 2)}${
        wish ? `, {\n  headers: { "cache-control": "${wish}" },\n}` : ""
      });`,
    ].join("\n"),
};

/** JSON as Python writes it. */
function python(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([name, each]) => `${JSON.stringify(name)}: ${python(each)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}
