// Draws what the reader chooses from the sweep's table, in the reader's colours, and again when those change.
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const [style, table, courses, turned] = ['style', 'table', 'courses', 'dark-colours'].map(read);
  const tickLabel = style.tickLabel;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const count = table.folders.length;
  const differ = column => new Set(column.filter(value => value !== null)).size > 1;
  const settings = Object.keys(table.settings).filter(name => differ(table.settings[name]));
  const results = Object.keys(table.results).filter(name => differ(table.results[name]));
  const names = table.names, named = name => names[name] ?? name;
  const isNumeric = values => values.every(value => value === null || typeof value === 'number');
  const ordered = values => [...new Set(values)].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1);
  const rows = [...Array(count).keys()];

  // Between the two values next to it, as numpy's default.
  function quantile(sorted, share) {
    const place = share * (sorted.length - 1), below = Math.floor(place), above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  function groupBy(items, key) {
    const groups = new Map();
    for (const item of items) {
      const name = key(item);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    return groups;
  }

  function isLog(values) {
    const known = values.filter(value => value !== null);
    // One by one: a call takes no hundred thousand arguments.
    const [least, greatest] = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
    return known.length > 0 && least > 0 && greatest / least > 12;
  }

  // A select box; returns the function that reads it.
  function choice(form, label, values, initial, change) {
    const box = document.createElement('label'), select = document.createElement('select');
    box.append(label + ' ', select);
    for (const name of values) select.add(new Option(named(name), name, false, name === initial));
    select.addEventListener('change', change);
    document.getElementById(form).append(box);
    return () => select.value;
  }

  function hues(groups) {
    return groups.length > style.hues.length ? { scheme: 'viridis' } : { range: style.hues.slice(0, groups.length) };
  }

  function coloured(groups, title) {
    return { field: 'group', type: 'nominal', sort: groups, scale: { domain: groups, ...hues(groups) },
      legend: groups.length > 1 ? { title, symbolType: 'stroke', symbolOpacity: 1, columns: 8 } : null };
  }

  function draw(id, spec, clicked) {
    let text = JSON.stringify({ $schema: 'https://vega.github.io/schema/vega-lite/v6.json', width: 'container', height: 340,
      autosize: { type: 'fit-x', contains: 'padding' }, config: { ...style.config, background: null }, ...spec });
    if (dark.matches) text = text.replace(/#[0-9a-f]{6}/g, colour => turned[colour] ?? colour);
    vegaEmbed('#' + id, JSON.parse(text), { renderer: 'svg', downloadFileName: id, loader: { target: '_blank' },
      actions: { export: true, source: false, compiled: false, editor: false },
      tooltip: { theme: dark.matches ? 'dark' : 'light', sanitize: plain } })
      .then(result => clicked && result.view.addEventListener('click', (_, item) => item?.datum && clicked(item.datum)))
      .catch(error => { document.getElementById(id).textContent = 'This chart could not be drawn: ' + error.message; });
  }

  const axis = (field, name, values) => isNumeric(values)
    ? { field, type: 'quantitative', title: named(name),
        scale: { type: isLog(values) ? 'log' : 'linear', zero: false, nice: false, padding: 14 },
        axis: { labelExpr: tickLabel, values: ordered(values).length <= 12 && field === 'x' ? ordered(values) : decades(values) } }
    : { field, type: 'nominal', title: named(name), sort: ordered(values) };
  const number = (field, name) => ({ field, type: 'quantitative', title: named(name), axis: { labelExpr: tickLabel, tickCount: 6 } });
  const scaled = (channel, values) => ({ ...channel, axis: { ...channel.axis, values: decades(values) },
    scale: { type: isLog(values) ? 'log' : 'linear', zero: false, nice: false, padding: 10 } });

  // Powers of ten on a logarithmic axis, at most about eight, and between them 2 and 5 where there are few; vega labels all of them.
  function decades(values) {
    if (!isLog(values)) return undefined;
    const places = values.filter(value => value !== null).map(Math.log10);
    const [low, high] = [Math.floor(quantile(places.sort((a, b) => a - b), 0)), Math.ceil(quantile(places, 1))];
    const stride = Math.ceil((high - low) / 8), parts = high - low <= 3 ? [1, 2, 5] : [1], ticks = [];
    for (let k = low - ((low % stride) + stride) % stride; k <= high; k += stride)
      for (const part of parts) ticks.push(Number(part + 'e' + k));
    const [least, greatest] = [quantile(places, 0), quantile(places, 1)].map(place => 10 ** place);
    return ticks.filter(tick => tick >= least * 0.999 && tick <= greatest * 1.001);
  }

  function bands(data, groups, group, x, y, points) {
    const colour = coloured(groups, group);
    const layer = [
      { data: { values: data }, mark: { type: 'area', opacity: 0.16 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour } },
      { data: { values: data }, mark: { type: 'line', strokeWidth: 2, point: points !== null },
        encoding: { x, y: { ...y, field: 'mid' }, color: colour,
          tooltip: [{ field: 'group', title: group }, { field: 'x', title: x.title }, { field: 'mid', title: 'median', format: '.5~g' },
            { field: 'low', title: '10 %', format: '.5~g' }, { field: 'high', title: '90 %', format: '.5~g' },
            { field: 'n', title: 'runs' }] } }];
    if (points) layer.splice(1, 0, dots(x, y, colour, points));
    return { layer };
  }

  const dots = (x, y, colour, points) => ({ data: { values: points }, mark: { type: 'circle', size: 18, opacity: 0.45 },
    encoding: { x, y: { ...y, field: 'y' }, color: colour, href: { field: 'href', type: 'nominal' },
      tooltip: [...settings.map(name => ({ field: 's_' + name, title: named(name) })), { field: 'y', title: y.title, format: '.7~g' }] } });

  // Seeds have no order that means anything: each run is a dot, and its group's quantiles are lines across.
  function scattered(groups, group, x, y, points) {
    const colour = coloured(groups, group), data = [];
    for (const [name, members] of groupBy(points, point => point.group)) {
      const sorted = members.map(point => point.y).sort((a, b) => a - b);
      for (const [share, what] of [[0.1, '10 %'], [0.5, 'median'], [0.9, '90 %']])
        data.push({ group: name, what, n: sorted.length, y: quantile(sorted, share), dashed: share !== 0.5 });
    }
    return { layer: [dots(x, y, colour, points), { data: { values: data }, mark: { type: 'rule', strokeWidth: 2 },
      encoding: { y: { ...y, field: 'y' }, color: colour,
        strokeDash: { field: 'dashed', type: 'nominal', legend: null, scale: { domain: [false, true], range: [[1, 0], [6, 4]] } },
        tooltip: [{ field: 'group', title: group }, { field: 'what', title: y.title }, { field: 'y', title: 'value', format: '.5~g' },
          { field: 'n', title: 'runs' }] } }] };
  }

  // ---- Results against a setting
  // What is asked of a run is the same of all where they end at it: the first of the telling columns that varies by a factor of 2.
  function varies(name) {
    const sorted = table.results[name].filter(value => value !== null).map(Math.abs).sort((a, b) => a - b);
    return sorted.length > 1 && quantile(sorted, 0.9) > 2 * quantile(sorted, 0.1);
  }
  const telling = table.telling.filter(name => results.includes(name));
  const usual = telling.find(varies) ?? telling[0] ?? results[0];
  const axes = settings.filter(name => name !== 'seed'), none = '(none)';
  const first = axes.find(name => isNumeric(table.settings[name])) ?? settings[0];
  const second = axes.find(name => name !== first) ?? settings.find(name => name !== first) ?? first;
  const [curveY, curveX, curveGroup] = [
    choice('curve-choices', 'result', results, usual, drawCurve),
    choice('curve-choices', 'against', settings, axes.length === 1 ? first : second, drawCurve),
    choice('curve-choices', 'by', [none, ...settings], axes.length > 1 ? first : none, drawCurve)];

  function drawCurve() {
    const [x, y, by] = [curveX(), curveY(), curveGroup()];
    const known = rows.filter(i => table.results[y][i] !== null && table.settings[x][i] !== null);
    const group = i => by === none ? 'all runs' : table.settings[by][i];
    const groups = ordered(known.map(group)), data = [];
    for (const [name, members] of groupBy(known, group))
      for (const [place, inside] of groupBy(members, i => table.settings[x][i])) {
        const sorted = inside.map(i => table.results[y][i]).sort((a, b) => a - b);
        data.push({ group: name, x: place, n: sorted.length,
          low: quantile(sorted, 0.1), mid: quantile(sorted, 0.5), high: quantile(sorted, 0.9) });
      }
    data.sort((a, b) => a.x < b.x ? -1 : 1);
    const most = 4000, every = Math.ceil(known.length / most);
    const points = known.filter((_, k) => k % every === 0).map(i => ({ group: group(i), x: table.settings[x][i], y: table.results[y][i],
      href: pageOf(i), ...Object.fromEntries(settings.map(name => ['s_' + name, table.settings[name][i]])) }));
    const values = known.map(i => table.results[y][i]), title = by === none ? '' : by, height = scaled(number('mid', y), values);
    if (x === 'seed') draw('curve', scattered(groups, title, number('x', x), height, points));
    else draw('curve', bands(data, groups, title, axis('x', x, known.map(i => table.settings[x][i])), height, points));
  }

  // ---- Along the runs
  const columns = courses.length ? Object.keys(courses[0].columns) : [];
  const courseAxes = axes.filter(name => courses.some(course => name in course.settings));
  let courseY, courseGroup, courseWhere = [];
  if (columns.length) {
    courseY = choice('course-choices', 'column', columns, columns[0], drawCourse);
    courseGroup = choice('course-choices', 'by', courseAxes.length ? courseAxes : [none], first, drawCourse);
    courseWhere = courseAxes.map(name => [name,
      choice('course-choices', name, ordered(courses.map(course => course.settings[name])), null, drawCourse)]);
  } else document.getElementById('course').hidden = true;

  function drawCourse() {
    const [y, by] = [courseY(), courseGroup()];
    const chosen = courses.filter(course => courseWhere.every(([name, value]) =>
      name === by || String(course.settings[name]) === value()));
    for (const [k, [name]] of courseWhere.entries())
      document.querySelectorAll('#course-choices label')[k + 2].hidden = name === by;
    const data = chosen.flatMap(course => (course.columns[y] ?? []).map(([x, low, mid, high]) =>
      ({ group: course.settings[by] ?? 'all runs', x, low, mid, high })));
    const groups = ordered(data.map(row => row.group)), x = axis('x', 'clock', data.map(row => row.x));
    draw('course-view', bands(data, groups, by === none ? '' : by,
      { ...x, scale: { ...x.scale, type: 'log', padding: 0 } },
      scaled(number('mid', y), data.flatMap(row => [row.low, row.high])), null));
  }

  // ---- Two settings
  const [mapZ, mapX, mapY] = [
    choice('map-choices', 'result', results, usual, drawMap),
    choice('map-choices', 'across', settings, second, drawMap),
    choice('map-choices', 'up', settings, first, drawMap)];

  // Every run a cell of its own says no more than the dots above.
  const mapped = axes.length > 1 || (axes.length === 1 && ordered(table.settings.seed ?? []).length <= 50);
  document.getElementById('two').hidden = !mapped;

  function drawMap() {
    const [x, y, z] = [mapX(), mapY(), mapZ()];
    const known = rows.filter(i => table.results[z][i] !== null && table.settings[x][i] !== null && table.settings[y][i] !== null);
    const data = [];
    for (const [place, inside] of groupBy(known, i => table.settings[x][i]))
      for (const [height, members] of groupBy(inside, i => table.settings[y][i])) {
        const sorted = members.map(i => table.results[z][i]).sort((a, b) => a - b);
        data.push({ x: place, y: height, n: sorted.length,
          z: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) });
      }
    const values = data.map(cell => cell.z), [xs, ys] = [ordered(data.map(cell => cell.x)), ordered(data.map(cell => cell.y))];
    const log = isLog(values), place = value => log ? Math.log(value) : value;
    // Light figures on the dark half of the scale.
    const middle = (Math.min(...values.map(place)) + Math.max(...values.map(place))) / 2;
    for (const cell of data) { cell.ink = place(cell.z) > middle ? '#111' : '#fff'; cell.label = short(cell.z); }
    const tooltip = [{ field: 'x', title: x }, { field: 'y', title: y }, { field: 'z', title: 'median ' + named(z), format: '.5~g' },
      { field: 'low', title: '10 %', format: '.5~g' }, { field: 'high', title: '90 %', format: '.5~g' }, { field: 'n', title: 'runs' }];
    draw('map', { data: { values: data }, resolve: { scale: { color: 'independent' } },
      height: Math.min(420, Math.max(120, 46 * ys.length)),
      encoding: { x: { field: 'x', type: 'ordinal', title: x, sort: xs, axis: { labelAngle: 0, labelOverlap: true } },
        y: { field: 'y', type: 'ordinal', title: y, sort: [...ys].reverse() } },
      layer: [{ mark: { type: 'rect', cursor: 'pointer' }, encoding: { tooltip, color: {
        field: 'z', type: 'quantitative', title: 'median ' + named(z),
        scale: { scheme: 'viridis', type: log ? 'log' : 'linear', zero: false },
        legend: { labelExpr: tickLabel, values: decades(values), tickCount: 4, gradientLength: 260, orient: 'bottom' } } } },
      ...(xs.length * 62 <= (document.getElementById('map').clientWidth || 800) ? [{
        mark: { type: 'text', fontSize: 11, cursor: 'pointer' },
        encoding: { text: { field: 'label', type: 'nominal' }, color: { field: 'ink', type: 'nominal', scale: null } } }] : [])] },
    cell => list(known.filter(i => table.settings[x][i] === cell.x && table.settings[y][i] === cell.y), `${x} ${cell.x}, ${y} ${cell.y}`));
  }

  // ---- Runs
  // Of a run without a report, what it found.
  function pageOf(i) { return table.folders[i] + (table.reports[i] ? '/report.html' : '/summary.json'); }

  const more = document.getElementById('runs-more'), atOnce = 500;
  let left = [];
  // What the networks reached before what is known of their data.
  const shown = [false, true].flatMap(reference => results.filter(name => name.startsWith('max_margin') === reference)).slice(0, 12);

  function list(which, what) {
    document.getElementById('runs-note').textContent = `${which.length.toLocaleString('en')} runs, ${what}`;
    const view = document.getElementById('runs');
    view.replaceChildren();
    const head = view.createTHead().insertRow();
    for (const name of ['run', ...settings, ...shown])
      head.append(Object.assign(document.createElement('th'), { textContent: named(name) }));
    const body = view.createTBody();
    left = which;
    more.onclick = () => fill(body);
    fill(body);
  }

  // The next of the listed runs; the browser would take long over a hundred thousand at once.
  function fill(body) {
    for (const i of left.slice(0, atOnce)) {
      const row = body.insertRow(), folder = table.folders[i];
      const link = Object.assign(document.createElement('a'), { href: pageOf(i), textContent: folder.slice('runs/'.length) });
      row.insertCell().append(link);
      for (const name of settings) row.insertCell().textContent = table.settings[name][i];
      for (const name of shown) row.insertCell().textContent = short(table.results[name][i], 5);
    }
    left = left.slice(atOnce);
    more.hidden = left.length === 0;
    more.textContent = `Show ${Math.min(atOnce, left.length).toLocaleString('en')} more of ${left.length.toLocaleString('en')}`;
  }

  function drawAll() {
    if (settings.length && results.length) drawCurve();
    if (mapped && results.length) drawMap();
    if (columns.length) drawCourse();
  }

  dark.addEventListener('change', drawAll);
  list(rows, 'all of them');
  drawAll();
})();
