import { wordsOf } from "../domain/stop-words.ts";
import type { Drawing } from "../drawings/drawing.ts";
import type { LitNode } from "../drawings/light-up.ts";

/** All that a drawing says, as a list: for readers of text, for screen readers, and without a script. */
export function PlateKey({
  drawing: { id: drawing, nodes, edges },
  lit,
}: {
  readonly drawing: Drawing;
  readonly lit: ReadonlyMap<string, LitNode> | null;
}) {
  const numbers = new Map(nodes.map(({ id }, index) => [id, index + 1]));
  const leadsTo = (id: string) =>
    edges
      .filter(({ from }) => from === id)
      .map(({ to, label }) => `${label ? `${label}: ` : ""}${numbers.get(to)}`)
      .join(", ");
  return (
    <details className="plate-key">
      <summary>All {nodes.length} parts in words</summary>
      <ol>
        {nodes.map(({ id, label, product, explains }) => {
          const leads = leadsTo(id);
          const stop = lit?.get(id)?.stop;
          return (
            <li key={id} id={`${drawing}-${id}`} data-state={stop?.state.replace(" ", "-")}>
              <p>
                <strong>{label}</strong> <span className="text-sm text-soft">{product}.</span>
              </p>
              <p className="text-sm">{explains}</p>
              {stop && <p className="text-sm font-medium">Your request: {wordsOf(stop)}.</p>}
              {leads && <p className="text-sm text-soft">Leads to {leads}.</p>}
            </li>
          );
        })}
      </ol>
    </details>
  );
}
