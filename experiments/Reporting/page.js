// Draws the charts in the reader's colours, and again when those change.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const labels = 84;
  const turned = JSON.parse(document.getElementById('dark-colours').textContent);

  function specification(figure) {
    let text = figure.querySelector('script').textContent;
    if (dark.matches) text = text.replace(/#[0-9a-f]{6}/g, colour => turned[colour] ?? colour);
    const spec = JSON.parse(text);
    // The page has its own headings.
    delete spec.title;
    spec.config.background = null;
    if (figure.dataset.stretches === 'true') spec.width = 'container';
    const width = figure.querySelector('.view').clientWidth;
    if (spec.facet) arrange(spec, width);
    fitLegends(spec, width);
    spec.autosize = { type: spec.width === 'container' ? 'fit-x' : 'pad', contains: 'padding' };
    return spec;
  }

  // So many panels as there is room for side by side, beside the labels of the left ones.
  function arrange(spec, width) {
    const panel = spec.spec.width + spec.spacing;
    spec.columns = Math.max(1, Math.min(spec.columns, Math.floor((width - labels + spec.spacing) / panel)));
    // A column that is shorter than the others would have no axis below it.
    spec.resolve.axis.x = spec.facet.sort.length % spec.columns === 0 ? 'shared' : 'independent';
  }

  // As many entries of a legend side by side as fit, by the lengths of their names.
  function fitLegends(node, width) {
    if (node === null || typeof node !== 'object') return;
    const names = node.scale?.domain;
    if (node.legend?.columns && names)
      node.legend.columns = Math.max(1, Math.min(node.legend.columns,
        Math.floor(width / (44 + 6 * Math.max(...names.map(name => name.length))))));
    for (const [key, part] of Object.entries(node)) if (key !== 'data') fitLegends(part, width);
  }

  function draw() {
    for (const figure of document.querySelectorAll('figure.chart')) {
      vegaEmbed(figure.querySelector('.view'), specification(figure), {
        renderer: 'svg',
        actions: { export: true, source: false, compiled: false, editor: false },
        downloadFileName: figure.id,
        tooltip: { theme: dark.matches ? 'dark' : 'light', sanitize: plain },
      }).catch(error => {
        figure.querySelector('.view').textContent = 'This chart could not be drawn: ' + error.message;
      });
    }
  }

  dark.addEventListener('change', draw);
  draw();
})();
