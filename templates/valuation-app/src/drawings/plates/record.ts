import type { Drawing, DrawnNode } from "../drawing.ts";

/** The columns of `valuations`, in the groups that they are drawn in. */
const GROUPS: readonly (Pick<DrawnNode, "id" | "label" | "explains"> & { readonly columns: readonly string[] })[] = [
  {
    id: "whose",
    label: "Whose it is",
    columns: ["id", "owner", "auth_status", "submission"],
    explains: "An id with 80 random bits, its owner, how the owner was known, and the form that it came from.",
  },
  {
    id: "what",
    label: "What it is of",
    columns: ["fingerprint", "category", "description", "item_name"],
    explains: "What was written, its key, and what the thing is called.",
  },
  {
    id: "worth",
    label: "What it is worth",
    columns: ["item_price", "price_confidence", "tier"],
    explains: "Cents, how sure that is, and a letter from S to D.",
  },
  {
    id: "buys",
    label: "What that buys",
    columns: ["token_conversions", "what_you_could_do"],
    explains: "JSON: tokens at each provider, as of their list’s date, and ideas.",
  },
  {
    id: "told",
    label: "What you are told",
    columns: ["analysis", "image_url"],
    explains: "The reasons, and the name of the picture in R2.",
  },
  {
    id: "who",
    label: "Who said so",
    columns: ["origin", "model", "fallback", "stand_in", "reason", "ai_raw_response"],
    explains: "A model or the estimate, and why. What the model said word for word is kept for audit and never shown.",
  },
  {
    id: "how",
    label: "How it came about",
    columns: ["way", "took_ms", "cost_nano", "trace"],
    explains: "What lights up these drawings: each wait with its time, its cost and what the caches said.",
  },
  {
    id: "when",
    label: "When",
    columns: ["created_at", "updated_at"],
    explains: "Milliseconds since 1970, UTC.",
  },
];

/** The columns that the drawing shows. */
export const DRAWN_COLUMNS: readonly string[] = GROUPS.flatMap(({ columns }) => columns);

/** The table that every valuation is a row of. */
export function recordDrawing(): Drawing {
  return {
    id: "record",
    title: "The record",
    says: "Every valuation is a row of one table in D1, also every estimate: what you were told stays what it was.",
    groups: [{ label: "valuations, in DB", nodes: GROUPS.map(({ id }) => id) }],
    nodes: [
      ...GROUPS.map(
        ({ id, label, columns, explains }, row): DrawnNode => ({
          id,
          label,
          detail: columns.join(", "),
          product: `${columns.length} columns of valuations`,
          explains: `${explains} Columns: ${columns.join(", ")}.`,
          at: [0, row],
          span: 3,
          stop: "record",
        }),
      ),
      {
        id: "followed",
        label: "followed_valuations",
        product: "A table in DB",
        explains: "Which valuations are followed, and when a model is asked next.",
        at: [0, GROUPS.length],
      },
      {
        id: "prices",
        label: "appraised_prices",
        product: "A table in DB",
        explains: "What models said each time they were asked again: one line for all who follow the same thing.",
        at: [2, GROUPS.length],
      },
    ],
    edges: [
      ...GROUPS.slice(1).map(({ id }, index) => ({ from: GROUPS[index]?.id ?? id, to: id })),
      { from: "when", to: "followed" },
      { from: "when", to: "prices" },
    ],
  };
}
