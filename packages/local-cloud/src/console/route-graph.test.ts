import { expect, it } from "vitest";

interface Layout {
  width: number;
  height: number;
  nodes: Map<string, { x: number; y: number }>;
  edges: { from: string; to: string; output: string; lane?: number }[];
}

/** The page's modules are plain JavaScript: their types are told here. */
const { layOut } = (await import(new URL("./page/route-graph.js", import.meta.url).href)) as {
  layOut: (elements: readonly object[]) => Layout;
};

const model = (id: string, success: string, fallback: string) => ({
  id,
  type: "model",
  outputs: { success: { elementId: success }, fallback: { elementId: fallback } },
});
const start = { id: "start", type: "start", outputs: { next: { elementId: "primary" } } };
const end = { id: "end", type: "end", outputs: {} };

it("puts what follows to the right, and the end last", () => {
  const { nodes, edges } = layOut([end, model("second", "end", "end"), model("primary", "end", "second"), start]);
  const order = [...nodes].sort((one, other) => one[1].x - other[1].x).map(([id]) => id);
  expect(order).toEqual(["start", "primary", "second", "end"]);
  expect(edges).toContainEqual(expect.objectContaining({ from: "primary", to: "end", output: "success" }));
  expect(edges).toContainEqual({ from: "primary", to: "second", output: "fallback" });
  expect(edges).toHaveLength(5);
});

it("leads an edge that skips a column over what stands there, each in a lane of its own", () => {
  const { nodes, edges } = layOut([
    start,
    model("primary", "end", "second"),
    model("second", "end", "third"),
    model("third", "end", "end"),
    end,
  ]);
  const over = edges.filter(({ lane }) => lane !== undefined);
  expect(over.map(({ from, to, output }) => `${from} ${output} ${to}`)).toEqual([
    "primary success end",
    "second success end",
  ]);
  const top = Math.min(...[...nodes.values()].map(({ y }) => y));
  for (const { lane } of over) expect(lane).toBeLessThan(top);
  expect(new Set(over.map(({ lane }) => lane)).size).toBe(2);
});

it("lets no two elements overlap", () => {
  const choice = {
    id: "choice",
    type: "conditional",
    outputs: { true: { elementId: "primary" }, false: { elementId: "second" } },
  };
  const { nodes, width, height } = layOut([
    { ...start, outputs: { next: { elementId: "choice" } } },
    choice,
    model("primary", "end", "end"),
    model("second", "end", "end"),
    end,
  ]);
  expect(new Set([...nodes.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(5);
  for (const { x, y } of nodes.values()) {
    expect(x).toBeLessThan(width);
    expect(y).toBeLessThan(height);
  }
});

it("ends also with a circle, and leaves out what nothing leads to", () => {
  const { nodes } = layOut([start, model("primary", "start", "primary"), model("lost", "end", "end"), end]);
  expect([...nodes.keys()].sort()).toEqual(["primary", "start"]);
});
