"use strict";
(() => {
  const { specs, datasets } = JSON.parse(document.getElementById("charts").textContent);
  const font = "system-ui, sans-serif";
  const config = {
    font,
    background: "white",
    view: { stroke: null },
    axis: {
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, labelColor: "#333", titleColor: "#333",
      gridColor: "#e8e8e8", domainColor: "#999", tickColor: "#999",
    },
    legend: { labelFontSize: 12, labelLimit: 200, symbolOpacity: 1 },
  };
  const used = (spec) => {
    const names = spec.layer.map((layer) => layer.data && layer.data.name).filter(Boolean);
    return Object.fromEntries(names.map((name) => [name, datasets[name]]));
  };
  const draw = async (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "begun";
    const spec = structuredClone(specs[place.dataset.chart]);
    spec.datasets = used(spec);
    config.legend.columns = Math.max(1, Math.floor(place.clientWidth / 130));
    try {
      await vegaEmbed(place, spec, {
        ast: true, // expressions are interpreted, since the page's policy forbids evaluating text
        config,
        renderer: "svg",
        tooltip: { theme: "light" },
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: place.dataset.chart,
      });
      place.dataset.drawn = "done";
    } catch (error) {
      place.dataset.drawn = "failed";
      place.textContent = "This chart could not be drawn: " + error.message;
    }
  };
  const places = [...document.querySelectorAll("[data-chart]")];
  // What comes into view is drawn at once, all else one by one, with room for the
  // browser between them.
  const seen = new IntersectionObserver(
    (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => draw(e.target)),
    { rootMargin: "400px" },
  );
  places.forEach((place) => seen.observe(place));
  const rest = () => {
    const place = places.find((p) => !p.dataset.drawn);
    if (place) draw(place).then(() => setTimeout(rest));
  };
  setTimeout(rest);
  addEventListener("beforeprint", () => places.forEach(draw));
})();
