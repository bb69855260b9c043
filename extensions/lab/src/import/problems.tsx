/** Lines about what does not fit, beside the choice that they concern; a way out is a button. */

import type { ImportModel } from "./model";

interface ProblemsProps {
  model: ImportModel;
  about: readonly string[];
  /** Also what does not stop the reading. */
  withWarnings?: boolean;
}

export function Problems({ model, about, withWarnings = false }: ProblemsProps) {
  const found = model.problems(about, withWarnings);
  const refusals = new Set(model.problems(about));
  return (
    <div class="lsx-problems" aria-live="polite">
      {found.map(problem => (
        <div key={problem.text} class={refusals.has(problem) ? "lsx-line lsx-refusal" : "lsx-line lsx-warning"}>
          <p>{problem.text}</p>
          {problem.remedies.map(remedy => (
            <button
              key={remedy.code}
              type="button"
              class="jp-mod-styled jp-mod-reject lsx-remedy"
              title={remedy.code}
              onClick={() => model.apply(remedy)}
            >
              {remedy.words}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}
