import { useId } from "react";
import { guilloche } from "../domain/guilloche.ts";

/** The rosette of a description's fingerprint. Decoration: what it stands for is always written beside it. */
export function Rosette({
  fingerprint,
  bands = 3,
  className,
}: {
  readonly fingerprint: string;
  readonly bands?: number;
  readonly className?: string;
}) {
  const id = useId();
  return (
    <svg viewBox="-100 -100 200 200" className={`rosette ${className ?? ""}`} aria-hidden="true">
      {guilloche(fingerprint, bands).map(({ path, turns: [first, ...others] }, band) => (
        <g key={path}>
          <path id={`${id}${band}`} d={path} transform={`rotate(${first ?? 0})`} />
          {/* Thousands of numbers are in the page once, not with each copy. A copy turns with what it shows. */}
          {others.map((turn) => (
            <use key={turn} href={`#${id}${band}`} transform={`rotate(${turn - (first ?? 0)})`} />
          ))}
        </g>
      ))}
    </svg>
  );
}
