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
  return (
    <svg viewBox="-100 -100 200 200" className={`rosette ${className ?? ""}`} aria-hidden="true">
      {guilloche(fingerprint, bands).map(({ path, turns }) => (
        <g key={path}>
          {turns.map((turn) => (
            <path key={turn} d={path} transform={`rotate(${turn})`} />
          ))}
        </g>
      ))}
    </svg>
  );
}
