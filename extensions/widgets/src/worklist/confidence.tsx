/** The one number of a card: it means the same on every card, and says by what it is known. */

import { Meter } from "../page/meter";

export const BY_EVIDENCE =
  "by the evidence and by your decisions on others like it; without decisions it is never above 0.80.";
export const BY_MODEL = "by the model, which did not see this cell.";

export function Confidence({ share, by }: { share: number; by: string }) {
  return (
    <span class="ls-meter" title={`Confidence: how likely this change is right, ${by}`}>
      <span class="ls-meter-word">confidence</span>
      <Meter share={share} />
      <span class="ls-number">{share.toFixed(2)}</span>
    </span>
  );
}
