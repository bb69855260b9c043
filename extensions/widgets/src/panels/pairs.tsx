/** Which labels go together: the commonest ones, those that go with one, or all of them. */

import { signal, useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { View } from "../tab_panel";
import type { FilterAsked, NamedLabel } from "../messages";
import { count } from "../numbers";
import { openPairMatrix } from "../pair_matrix_canvas";
import { useSize } from "../page/size";
import { bytes, type Wire } from "../wire";
import { panel } from "./panel";
import { Triangle, type Matrix } from "./triangle";

const ALL = "all";
const N = 40;

export function pairsPanel(wire: Wire, put: (asked: FilterAsked) => void): View {
  const focus = signal("-1");
  const offered = signal<NamedLabel[]>([]); // the commonest labels: what goes with them can be asked
  const nAll = signal(0); // labels, where all of them can be shown and are more
  const zoomed = signal(false);
  const pointed = signal(""); // what is said of the pair in sight
  const summary = signal("");
  const overview = openPairMatrix(wire, {
    put,
    say: words => void (pointed.value = words),
    zoomed: is => void (zoomed.value = is),
  });
  const fetch = async (): Promise<Matrix | null> => {
    zoomed.value = false;
    pointed.value = "";
    if (focus.value === ALL) {
      overview.whole();
      return null;
    }
    const asked = { label: Number(focus.value), n: N, order: "count" } as const;
    const { body, buffers } = await wire.request("pair_matrix", asked);
    if (!body.ready) return null;
    summary.value = body.summary.replace(/^[^:]*: /, "");
    if (body.whole && body.n_labels > body.labels.length) nAll.value = body.n_labels;
    if (!offered.value.length) offered.value = body.labels;
    const [n, lift, q] = buffers.map(bytes) as [ArrayBuffer, ArrayBuffer, ArrayBuffer];
    return { labels: body.labels, n: new Int32Array(n), lift: new Float32Array(lift), q: new Float32Array(q) };
  };
  const view = panel<Matrix | null>({
    name: "Co-occurrence",
    needs: ["pairs"],
    fetch,
    Content: ({ got, again }) => {
      const chart = useRef<HTMLDivElement>(null);
      const [width, height] = useSize(chart);
      const whole = focus.value === ALL;
      useLayoutEffect(() => {
        if (!whole) return undefined;
        chart.current!.append(overview.element);
        overview.whole();
        return () => overview.element.remove();
      }, [whole]);
      useLayoutEffect(() => {
        if (whole && width) overview.fit(width, height);
      }, [whole, width, height]);
      return (
        <>
          <div class="ls-view-tools">
            <select
              class="ls-select ls-small"
              aria-label="Labels of the matrix"
              value={focus.value}
              onChange={event => {
                focus.value = event.currentTarget.value;
                if (focus.value !== ALL) again();
              }}
            >
              <option value="-1">Most frequent labels</option>
              {nAll.value > 0 && <option value={ALL}>{`All ${count(nAll.value)} labels`}</option>}
              {offered.value.length > 0 && (
                <optgroup label="What goes with">
                  {offered.value.map(({ label, name }) => (
                    <option key={label} value={label}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
            </select>
            {zoomed.value && (
              <button type="button" class="ls-button ls-small" onClick={() => overview.whole()}>
                Whole matrix
              </button>
            )}
            <span class="ls-gap" />
            <span class="ls-pair-key" aria-hidden="true">
              less
              <i />
              more than chance
            </span>
          </div>
          <div ref={chart} class="ls-pairs">
            {!whole && !got && <p class="ls-note">Counting which labels occur together…</p>}
            {!whole && got && width > 0 && (
              <Triangle of={got} room={[width, height]} say={words => void (pointed.value = words)} put={put} />
            )}
          </div>
          <p class="ls-readout" aria-live="polite">
            {useComputed(() => pointed.value || summary.value)}
          </p>
        </>
      );
    },
  });
  const close = () => {
    view.close!();
    overview.close();
  };
  return { ...view, brief: "Pairs", close };
}
