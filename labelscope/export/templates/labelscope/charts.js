// Puts the live chart in the place of its saved picture; where that fails, the picture stays.
for (const chart of document.querySelectorAll(".labelscope-chart")) {
  const [live, still, data] = ["live", "still", "data"].map((part) => chart.querySelector(`.labelscope-chart-${part}`));
  try {
    const { data: traces, layout, config } = JSON.parse(data.textContent);
    live.hidden = false;
    Plotly.newPlot(live, traces, layout, { responsive: true, displaylogo: false, ...config, plotlyServerURL: "" })
      .then(() => { still.hidden = true; }, () => { live.hidden = true; });
  } catch {
    live.hidden = true;
  }
}
