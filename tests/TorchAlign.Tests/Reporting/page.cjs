// Runs the scripts of a page without a browser: node page.cjs PAGE.html ACTIONS.json
// Actions, in turn: {choose: [form, label, value]}, {click: [chart, datum]}, {dark: true|false}, {width: pixels}, {press: button}. Prints what the page shows at first and
// after each: the specifications that it drew, its choices, and the table of runs.
'use strict';
const fs = require('node:fs'), vm = require('node:vm');

const html = fs.readFileSync(process.argv[2], 'utf8');
const actions = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
const elements = new Map();

class Element {
  constructor(tag) { Object.assign(this, { tag, children: [], text: '', hidden: false, dataset: {}, handlers: {} }); }
  get textContent() { return this.text + this.children.map(child => child.textContent ?? child).join(''); }
  set textContent(value) { this.text = String(value); this.children = []; }
  append(...nodes) { this.children.push(...nodes); }
  replaceChildren(...nodes) { this.text = ''; this.children = nodes; }
  addEventListener(type, handler) { (this.handlers[type] ??= []).push(handler); }
  fire(type, ...rest) { for (const handler of this.handlers[type] ?? []) handler(...rest); }
  add(option) { this.children.push(option); if (option.selected || this.children.length === 1) this.value = option.value; }
  made(tag) { const child = new Element(tag); this.append(child); return child; }
  createTHead() { return this.made('thead'); }
  createTBody() { return this.made('tbody'); }
  insertRow() { return this.made('tr'); }
  insertCell() { return this.made('td'); }
  querySelector(what) { return this.parts[what]; }
}

// As a browser has it: options are texts.
function Option(text, value, initially, selected) { return { textContent: String(text), value: String(value), selected }; }

function element(id) {
  if (!elements.has(id)) throw new Error(`The page has no element '${id}'.`);
  return elements.get(id);
}

for (const [, id] of html.matchAll(/<[a-z]+[^>]*\bid="([^"]+)"/g)) elements.set(id, new Element(id));
for (const [, id, json] of html.matchAll(/<script type="application\/json" id="([^"]+)">(.*?)<\/script>/gs)) element(id).text = json;
const figure = /<figure class="chart(?: wide)?" id="([^"]+)" data-stretches="([^"]+)">(.*?)<\/figure>/gs;
const figures = [...html.matchAll(figure)].map(([, id, stretches, inner]) => {
  const chart = Object.assign(element(id), { id, dataset: { stretches } });
  const script = new Element('script'), view = Object.assign(new Element('view'), { id, clientWidth: 1000 });
  script.text = inner.match(/<script type="application\/json">(.*?)<\/script>/s)[1];
  chart.parts = { script, '.view': view };
  return chart;
});
const query = /^#([\w-]+) label$/;
const dark = Object.assign(new Element('dark'), { matches: false });
let drawn = {};
const clicks = {};

const page = vm.createContext({
  JSON, Object, Promise, Option, console,
  matchMedia: what => { if (what !== '(prefers-color-scheme: dark)') throw new Error(what); return dark; },
  document: {
    getElementById: element,
    createElement: tag => new Element(tag),
    querySelectorAll: what => what === 'figure.chart' ? figures
      : element(what.match(query)[1]).children.filter(child => child.tag === 'label'),
  },
  vegaEmbed: (target, spec, options) => {
    const id = typeof target === 'string' ? target.slice(1) : target.id;
    drawn[id] = { spec: JSON.parse(JSON.stringify(spec)), tooltip: options.tooltip.theme };
    return Promise.resolve({ view: { addEventListener: (type, handler) => { clicks[id] = handler; } } });
  },
});

const choicesOf = form => element(form).children.filter(child => child.tag === 'label').map(label => {
  const [name, select] = label.children;
  return { label: name.trim(), value: select.value, options: select.children.map(option => option.value), hidden: label.hidden, select };
});
const forms = [...html.matchAll(/<form[^>]*\bid="([^"]+)"/g)].map(([, id]) => id);

function act(action) {
  if ('dark' in action) { dark.matches = action.dark; dark.fire('change'); }
  if (action.choose) {
    const [form, name, value] = action.choose;
    const { select } = choicesOf(form).find(choice => choice.label === name);
    if (!select.children.some(option => option.value === value)) throw new Error(`No '${value}' to choose as '${name}'.`);
    select.value = value;
    select.fire('change');
  }
  if (action.width) for (const figure of figures) figure.parts['.view'].clientWidth = action.width;
  if (action.width) dark.fire('change');
  if (action.press) element(action.press).onclick();
  if (action.click) clicks[action.click[0]](null, { datum: action.click[1] });
}

function shown() {
  const state = { drawn, choices: {}, hidden: {} };
  for (const form of forms) state.choices[form] = choicesOf(form).map(({ select, ...choice }) => choice);
  for (const id of ['course', 'two'].filter(part => elements.has(part))) state.hidden[id] = element(id).hidden;
  if (elements.has('runs')) {
    const [head, body] = element('runs').children;
    state.note = element('runs-note').textContent;
    state.more = element('runs-more').hidden ? null : element('runs-more').textContent;
    state.head = head.children[0].children.map(cell => cell.textContent);
    state.rows = body.children.map(row => row.children.map(cell => cell.textContent));
    state.links = body.children.map(row => row.children[0].children[0].href);
  }
  drawn = {};
  return state;
}

(async () => {
  for (const [, script] of html.matchAll(/<script>\n(.*?)<\/script>/gs)) vm.runInContext(script, page);
  const states = [];
  for (const action of [{}, ...actions]) {
    act(action);
    // What the drawing of a chart promises.
    await new Promise(setImmediate);
    states.push(shown());
  }
  process.stdout.write(JSON.stringify(states));
})().catch(error => { console.error(error); process.exit(1); });
