import type { ApiDocument, ApiOperation, ApiParameter } from "./openapi.ts";

/**
 * Renders an API's description as one page of plain HTML: no script, no CDN. It links `/family.css`.
 *
 * @param pages the site's other pages, by their addresses
 */
export function docsPage(document: ApiDocument, pages: Readonly<Record<string, string>>): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? "Other");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(document.info.title)} API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/family.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="masthead"><p class="brand"><a href="/">${escapeHtml(document.info.title)}</a></p>
<nav aria-label="Site">${Object.entries(pages)
    .map(([address, label]) => `<a href="${escapeHtml(address)}">${escapeHtml(label)}</a> `)
    .join("")}<a href="/docs" aria-current="page">API</a> <a href="/openapi.json">openapi.json</a></nav></header>
<main id="main" class="docs">
<nav class="toc" aria-label="Contents">${[...groups].map(([tag, items]) => `<h2 class="eyebrow">${escapeHtml(tag)}</h2><ul>${items.map(({ operation }) => `<li><a href="#${escapeHtml(operation.operationId)}">${escapeHtml(operation.summary)}</a></li>`).join("")}</ul>`).join("")}<h2 class="eyebrow">Schemas</h2><ul>${Object.keys(
    document.components.schemas,
  )
    .map((name) => `<li><a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a></li>`)
    .join("")}</ul></nav>
<div class="flow">
<h1>API</h1>
<p class="lede">${inline(document.info.description)}</p>
${[...groups].map(([tag, items]) => `<h2>${escapeHtml(tag)}</h2>${items.map(operationHtml).join("")}`).join("")}
<h2>Schemas</h2>
${Object.entries(document.components.schemas)
  .map(
    ([name, schema]) =>
      `<section id="schema-${escapeHtml(name)}" class="card flow"><h3><code>${escapeHtml(name)}</code></h3><pre tabindex="0" role="region" aria-label="Schema ${escapeHtml(name)}"><code>${escapeHtml(JSON.stringify(schema, null, 2))}</code></pre></section>`,
  )
  .join("")}
</div>
</main>
</body>
</html>`;
}

function operationHtml({ method, path, operation }: { method: string; path: string; operation: ApiOperation }): string {
  const bodies = Object.entries(operation.requestBody?.content ?? {});
  return `<section id="${escapeHtml(operation.operationId)}" class="card flow">
<h3>${escapeHtml(operation.summary)}</h3>
<p class="endpoint"><span class="badge method-${escapeHtml(method)}">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code>${operation.security ? "" : ' <span class="hint">no API key</span>'}</p>
${operation.description ? `<p>${inline(operation.description)}</p>` : ""}
${operation.parameters ? parametersHtml(operation.parameters) : ""}
${bodies.map(([type, { schema }]) => `<p>Body: ${bodyHtml(type, schema)}</p>`).join("\n")}
<table><caption class="visually-hidden">Answers of ${escapeHtml(operation.summary)}</caption><thead><tr><th scope="col">Status</th><th scope="col">Answer</th><th scope="col">Body</th></tr></thead><tbody>
${Object.entries(operation.responses)
  .map(
    ([status, response]) =>
      `<tr><td><code>${escapeHtml(status)}</code></td><td>${inline(response.description)}</td><td>${
        Object.values(response.content ?? {})
          .map(({ schema }) => schemaHtml(schema))
          .join("") || "–"
      }</td></tr>`,
  )
  .join("")}
</tbody></table>
</section>`;
}

function parametersHtml(parameters: readonly ApiParameter[]): string {
  return `<table><caption class="visually-hidden">Parameters</caption><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Meaning</th></tr></thead><tbody>${parameters
    .map(
      (each) =>
        `<tr><td><code>${escapeHtml(each.name)}</code></td><td>${each.in}</td><td>${inline(each.description ?? "")}</td></tr>`,
    )
    .join("")}</tbody></table>`;
}

function bodyHtml(type: string, schema: object): string {
  if (type === "application/json") return schemaHtml(schema);
  const description = "description" in schema && typeof schema.description === "string" ? schema.description : "";
  return `<code>${escapeHtml(type)}</code> ${inline(description)}`;
}

function schemaHtml(schema: object): string {
  const reference = "$ref" in schema && typeof schema.$ref === "string" ? schema.$ref.split("/").at(-1) : undefined;
  if (reference !== undefined)
    return `<a href="#schema-${escapeHtml(reference)}"><code>${escapeHtml(reference)}</code></a>`;
  return `<code>${escapeHtml("type" in schema ? String(schema.type) : JSON.stringify(schema))}</code>`;
}

/** Escapes, then turns `code` between backticks into code. */
function inline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
