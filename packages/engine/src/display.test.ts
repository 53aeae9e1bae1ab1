import { expect, it } from "vitest";
import { createDisplay } from "./display.ts";
import { type EngineEvent, noChanges } from "./events.ts";

const kv = {
  urn: "urn:pulumi:dev::lab::cloudflare:index/workersKvNamespace:WorkersKvNamespace::lookup",
  type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  name: "lookup",
};

function show(events: EngineEvent[], color = false): string {
  let text = "";
  const display = createDisplay({ stream: { write: (part: string) => (text += part) }, color, columns: 60 });
  for (const event of events) display(event);
  return text;
}

const events: EngineEvent[] = [
  { type: "operation-started", operation: "up", project: "lab", stack: "dev", preview: false },
  { type: "resource-started", resource: kv, step: "create" },
  { type: "resource-finished", resource: kv, step: "create", durationMs: 41, changes: [], preview: false },
  {
    type: "resource-finished",
    resource: kv,
    step: "update",
    durationMs: 5,
    preview: false,
    changes: [
      { path: "title", kind: "change", old: '"a"', new: '"b"', replaces: false },
      { path: "long", kind: "add", new: "x".repeat(100), replaces: false },
    ],
  },
  { type: "resource-finished", resource: kv, step: "same", durationMs: 0, changes: [], preview: false },
  { type: "diagnostic", severity: "warning", message: "careful" },
  {
    type: "operation-finished",
    operation: "up",
    preview: false,
    result: {
      outcome: "failed",
      changes: { ...noChanges(), create: 3, same: 14 },
      outputs: { id: { value: "abc", secret: false }, token: { value: "hidden-value", secret: true } },
      durationMs: 3200,
      diagnostics: [{ severity: "error", message: "refused\nwith reason", urn: kv.urn }],
    },
  },
];

it("shows a line per resource, differences, problems, outputs and a summary", () => {
  expect(show(events).split("\n")).toEqual([
    "Updating (dev)",
    "",
    " +  cloudflare:index:WorkersKvNamespace lookup creating…",
    " +  cloudflare:index:WorkersKvNamespace lookup created (0.04s)",
    " ~  cloudflare:index:WorkersKvNamespace lookup updated (0.01s)",
    '      ~ title: "a" => "b"',
    `      + long: ${"x".repeat(45)}…`,
    "    warning: careful",
    "",
    "Diagnostics:",
    "  cloudflare:index:WorkersKvNamespace (lookup):",
    "    error: refused",
    "    with reason",
    "",
    "Outputs:",
    '    id   : "abc"',
    "    token: [secret]",
    "",
    "Resources:",
    "    + 3 created",
    "    14 unchanged",
    "",
    "Duration: 3.2s (failed)",
    "",
  ]);
});

it("uses colours only when asked to, and never shows a secret", () => {
  expect(show(events)).not.toContain("\u001b[");
  expect(show(events, true)).toContain("\u001b[32m");
  expect(show(events, true)).not.toContain("hidden-value");
});

it("says of a deletion that is none, and of a replacement however long its values are", () => {
  const deleted = { type: "resource-finished", resource: kv, step: "delete", durationMs: 0, preview: false } as const;
  const long = { path: "title", kind: "change", old: "a".repeat(60), new: "b", replaces: true } as const;
  expect(show([{ ...deleted, changes: [], retained: true }])).toContain("lookup deleted, kept in the cloud (0.00s)");
  expect(show([{ ...deleted, step: "replace", changes: [long] }]).split("\n")[1]).toMatch(/^.{48}… \(replaces\)$/);
});

it("holds its parts apart by one blank line when nothing changes", () => {
  const [first, last] = [events[0], events.at(-1)];
  expect(first && last && show([first, last])).not.toContain("\n\n\n");
});
