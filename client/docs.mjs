// The page /docs: the API's description (src/openapi.json) for people.

import { readFileSync, writeFileSync } from "node:fs";

/** Writes the page about the description in `source` to `to`. */
export function writeDocs(source, to) {
  writeFileSync(to, page(JSON.parse(readFileSync(source, "utf8"))));
}

const escape = (text) => String(text)
  .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function page(description) {
  const { info, tags } = description;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta name="description" content="The HTTP and WebSocket interface of Overflight.">
<title>API · Overflight</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/pages.css">
<main>
<h1><img src="/icon.svg" alt="" width="34" height="34">Overflight’s API</h1>
<p class="lead">${escape(info.description)}</p>
<p>For programs: <a href="/api/openapi.json">openapi.json</a>.
For people: <a href="/">the map</a>.</p>
${tags.map((tag) => section(description, tag)).join("\n")}
</main>
</html>
`;
}

function section(description, { name, description: about }) {
  const calls = Object.entries(description.paths).flatMap(([path, methods]) => Object
    .entries(methods)
    .filter(([, operation]) => operation.tags?.includes(name))
    .map(([method, operation]) => call(description, method, path, operation)));
  return `<h2>${escape(name)}</h2>\n<p>${escape(about)}</p>\n${calls.join("\n")}`;
}

function call(description, method, path, operation) {
  const { summary, description: about = "", parameters = [], responses } = operation;
  const known = parameters.map((parameter) => resolve(description, parameter));
  const rows = known.map(({ name, description: text = "", schema, required }) => {
    const needed = required && name !== undefined ? "" : " Optional.";
    return [name, `${text}${values(resolve(description, schema))}${needed}`];
  });
  const answers = Object.entries(responses)
    .map(([status, answer]) => [status, resolve(description, answer).description]);
  const example = method === "get" ? `<pre>${escape(curl(path, known))}</pre>` : "";
  return `<details class="call" id="${escape(operation.operationId)}">
<summary><span class="method" data-method="${method}">${method.toUpperCase()}</span>
<code>${escape(path)}</code><span>${escape(summary)}</span></summary>
<div>${about === "" ? "" : `<p>${escape(about)}</p>`}${example}
${list("Parameters", rows)}${list("Answers", answers)}</div>
</details>`;
}

function list(title, rows) {
  if (rows.length === 0) return "";
  const terms = rows.map(([term, text]) => `<dt><code>${escape(term)}</code></dt>
<dd>${escape(text)}</dd>`);
  return `<h3>${title}</h3>\n<dl>${terms.join("\n")}</dl>\n`;
}

/** What a reference refers to. */
function resolve(description, value) {
  const reference = value?.$ref;
  if (reference === undefined) return value;
  return reference.replace("#/", "").split("/").reduce((at, name) => at[name], description);
}

/** The values that a parameter may have, if they are few. */
function values(schema) {
  return schema?.enum === undefined ? "" : ` One of ${schema.enum.join(", ")}.`;
}

/** A call that works: parts of the path have their examples. */
function curl(path, parameters) {
  const filled = parameters.reduce(
    (filled, { name, example }) => filled.replace(`{${name}}`, example ?? `{${name}}`), path,
  );
  return `curl http://localhost:8787${filled}`;
}
