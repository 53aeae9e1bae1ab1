import { CONFIDENCES, type Confidence } from "../domain/estimate.ts";

/** How sure a price is, in words and as a bar of three. */
export function ConfidenceMeter({ confidence }: { readonly confidence: Confidence }) {
  const level = CONFIDENCES.indexOf(confidence);
  return (
    <span className="inline-flex items-center gap-2">
      <span className="flex gap-0.5" aria-hidden="true">
        {CONFIDENCES.map((each, index) => (
          <span key={each} className={`h-2.5 w-5 rounded-xs border border-strong ${index <= level ? "bg-note" : ""}`} />
        ))}
      </span>
      {confidence}
    </span>
  );
}
