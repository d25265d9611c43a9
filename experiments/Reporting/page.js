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
    if (spec.facet) spec.columns = columns(spec, figure.querySelector('.view').clientWidth);
    spec.autosize = { type: spec.width === 'container' ? 'fit-x' : 'pad', contains: 'padding' };
    return spec;
  }

  // So many panels as there is room for side by side, beside the labels of the left ones.
  function columns(spec, width) {
    const panel = spec.spec.width + spec.spacing;
    return Math.max(1, Math.min(spec.columns, Math.floor((width - labels + spec.spacing) / panel)));
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
