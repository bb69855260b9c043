/** Hears when the theme of the page, or of the system, is another. */

/** Calls `restyle` now and whenever the theme changes; returns the function that stops it. */
export function onTheme(restyle: () => void): () => void {
  const soon = () => requestAnimationFrame(restyle);
  const observer = new MutationObserver(soon);
  const attributeFilter = ["data-jp-theme-name", "data-jp-theme-light", "class"];
  observer.observe(document.body, { attributes: true, attributeFilter });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", soon);
  soon();
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", soon);
  };
}
