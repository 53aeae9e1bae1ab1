import { make } from "./page.js";
import { label } from "./words.js";

/** Fields for the options of a pipeline, made from their JSON Schema. */
export function optionFields(schema) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const id = `option-${name}`;
    const control = controlOf(property);
    control.id = id;
    control.dataset.option = name;
    const preset = property.default;
    control.value = Array.isArray(preset) ? preset.join("\n") : (preset ?? "");
    const caption = property.type === "array" ? `${label(name)}, one a line` : label(name);
    const field = make("div", { className: "field" }, make("label", { htmlFor: id }, caption), control);
    if (property.description) {
      field.append(make("p", { className: "hint", id: `${id}-hint` }, property.description));
      control.setAttribute("aria-describedby", `${id}-hint`);
    }
    if (control.localName === "textarea") field.classList.add("whole");
    return field;
  });
}

/**
 * What the fields hold. Empty ones are left out, so that the default holds.
 *
 * @throws Error in words for people
 */
export function readOptions(container, schema) {
  const options = {};
  for (const control of container.querySelectorAll("[data-option]")) {
    const name = control.dataset.option;
    const value = optionOf(control.value, schema.properties[name], label(name));
    if (value !== undefined) options[name] = value;
  }
  return options;
}

function controlOf(property) {
  if (property.enum) return make("select", {}, ...property.enum.map((value) => make("option", { value }, value)));
  if (property.type === "boolean")
    return make("select", {}, ...["true", "false"].map((value) => make("option", { value }, value)));
  if (property.type === "integer" || property.type === "number") {
    return make("input", {
      type: "number",
      inputMode: "numeric",
      step: property.type === "integer" ? "1" : "any",
      ...(property.minimum !== undefined && { min: property.minimum }),
      ...(property.maximum !== undefined && { max: property.maximum }),
    });
  }
  if (property.type === "string" && (property.maxLength ?? 1000) <= 200) return make("input", { type: "text" });
  return make("textarea", {});
}

function optionOf(text, property, name) {
  if (text.trim() === "") return undefined;
  if (property.enum) return text;
  switch (property.type) {
    case "string":
      return text;
    case "boolean":
      return text === "true";
    case "integer":
    case "number":
      return Number(text);
    case "array": {
      const lines = text.split("\n").map((line) => line.trim());
      return lines.filter(Boolean);
    }
    default:
      try {
        return JSON.parse(text);
      } catch {
        throw new Error(`${name} is not JSON.`);
      }
  }
}
