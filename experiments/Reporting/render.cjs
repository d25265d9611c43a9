// Draws Vega-Lite specifications as SVG. Reads the job named on the command line, answers one JSON line for each chart.
const fs = require('fs');

/** The bundles are UMD; loading them by hand works whatever "type" their packages declare. */
function load(path, modules) {
  const module = { exports: {} };
  new Function('module', 'exports', 'require', fs.readFileSync(path, 'utf8'))(
    module, module.exports, name => modules[name]);
  return module.exports;
}

// Advance widths of Helvetica in 1/1000 em, U+0020 to U+007E. Without a canvas vega takes 0.8 em for every character,
// which tears legends apart.
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
  667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
  556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584];
const small = /[\u00b9\u00b2\u00b3\u2070-\u209f\u2c7c\u2090-\u209c]/;

function textWidth(item, text) {
  const size = item.fontSize ?? 11;
  const bold = item.fontWeight === 'bold' || item.fontWeight >= 600 ? 1.06 : 1;
  let total = 0;
  for (const character of String(text ?? '')) {
    const code = character.codePointAt(0) - 32;
    total += widths[code] ?? (small.test(character) ? 370 : 584);
  }
  return total * size * bold / 1000;
}

/** Layers that only carry tooltips have no place in a picture. */
function still(spec, hover) {
  const copy = { ...spec };
  for (const kind of ['layer', 'hconcat', 'vconcat'].filter(k => spec[k]))
    copy[kind] = spec[kind].filter(part => !part.name?.startsWith(hover)).map(part => still(part, hover));
  if (spec.facet) copy.spec = still(spec.spec, hover);
  return copy;
}

async function main() {
  const job = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
  const vega = load(job.vega, {});
  const vegaLite = load(job.vegaLite, { vega });
  vega.textMetrics.width = textWidth;
  for (const { name, spec } of job.charts) {
    let answer;
    try {
      const logger = vega.logger(vega.Error);
      const compiled = vegaLite.compile(still(spec, job.hover), { logger }).spec;
      answer = { name, svg: await new vega.View(vega.parse(compiled), { renderer: 'none', logger }).toSVG() };
    } catch (error) {
      answer = { name, error: error.message };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

main().catch(error => {
  process.stderr.write(error.message + '\n');
  process.exit(1);
});
