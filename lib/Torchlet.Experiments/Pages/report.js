"use strict";
// All text of a run reaches the page as text nodes and attributes, never as markup: a config.json may come from a stranger.

const { made, trouble, runs } = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const drawn = (tag, attributes = {}, text = "") => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
};

// Okabe and Ito's colours, apart for every kind of sight, on white and on black.
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f"];
const dashes = { test: "", train: "7 4", validation: "2 3", averaged_test: "10 3 2 3", averaged_validation: "4 3" };
// Runs differ by their marks too, since splits take the dashes. Each is a path around 0, 0.
const marks = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.5-3.5h7v7h-7z", "M0-4.7 4.5 3.5h-9z", "M0-5 5 0 0 5-5 0z", "M-4.5-3.5h9L0 4.7z"];
const figures = [
  ["best_loss", "best loss"], ["best_accuracy", "accuracy there"], ["best_epoch", "best epoch"],
  ["last_loss", "last loss"], ["last_accuracy", "last accuracy"], ["epochs", "epochs done"], ["seconds", "seconds"],
];
// Options that only say where a run writes and how it prints are left out.
const unsettling = new Set(["out", "plain", "config", "resume", "save-pt", "save-onnx", "tensorboard"]);

// As many rows as a high screen shows, and milliseconds in between for scrolling and typing.
const atOnce = 60, pause = 30;

// A curve of more points has a mark on some of them.
const mostMarks = 12;

// Windows up to this width, in pixels, show the columns of a run's place after its figures.
const narrow = 700;

const state = { rest: 0, query: "", script: "", grouped: false, sort: "time", descending: true, chosen: new Set(), at: null };
let rows = [], columns = [];

// Made once: a thousand runs are compared ten thousand times.
const collator = new Intl.Collator(undefined, { numeric: true });
const mean = numbers => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const deviation = numbers => {
  const middle = mean(numbers);
  return numbers.length < 2 ? 0 : Math.sqrt(numbers.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (numbers.length - 1));
};
const isNumber = value => typeof value === "number" && Number.isFinite(value);
const short = value => !isNumber(value) ? "" : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

/** One row for each run, or for the runs that differ in their seed alone. */
function grouped(some) {
  const key = run => JSON.stringify([run.script, run.subject, Object.entries(run.options).filter(([name]) => name !== "seed" && !unsettling.has(name))]);
  const groups = state.grouped ? [...Map.groupBy(some, key).values()] : some.map(run => [run]);
  return groups.map(members => {
    const [first] = members;
    const row = { ...first, id: members.map(run => run.folder).join("\n"), members, spread: {} };
    for (const [name] of figures) {
      const numbers = members.map(run => run[name]).filter(isNumber);
      row[name] = numbers.length ? mean(numbers) : null;
      row.spread[name] = members.length > 1 && numbers.length ? deviation(numbers) : null;
    }
    if (members.length > 1) row.name = `${members.length} seeds: ${members.map(run => run.options.seed).join(", ")}`;
    row.text = members.map(run => run.text).join(" ");
    return row;
  });
}

/** The options that are not the same in all of these runs. */
function differing(some) {
  const names = [...new Set(some.flatMap(run => Object.keys(run.options)))].filter(name => !unsettling.has(name) && !(state.grouped && name === "seed"));
  return names.filter(name => new Set(some.map(run => run.options[name] ?? "")).size > 1);
}

function refresh() {
  const ofScript = runs.filter(run => !state.script || run.script === state.script);
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  rows = grouped(ofScript).filter(row => words.every(word => row.text.includes(word)));
  // Figures before long texts: what does not fit into the window is out of sight.
  const place = [["script", "script"], ["time", "begun"]], run = ["name", "run"], status = ["status", "status"];
  const found = figures.filter(([name]) => ofScript.some(run => isNumber(run[name])));
  const options = differing(ofScript).map(name => [`--${name}`, name]);
  columns = [
    ...innerWidth > narrow ? [...place, run, status, ...found, ...options] : [run, ...found, status, ...options, ...place], ["subject", "subject"],
  ].filter(([name]) => !(name === "script" && state.script));
  const value = row => state.sort.startsWith("--") ? row.options[state.sort.slice(2)] ?? "" : row[state.sort] ?? "";
  const order = (a, b) => isNumber(a) && isNumber(b) ? a - b : a === "" || b === "" ? (a === "") - (b === "")
    : collator.compare(a, b);
  // Runs without this figure come last in either order.
  rows.sort((a, b) => (value(a) === "" || value(b) === "" || !state.descending ? 1 : -1) * order(value(a), value(b)));
  head();
  body();
  chosen();
}

function head() {
  $("head").replaceChildren(make("th", { ariaLabel: "selected" }), ...columns.map(([name, title]) => {
    const cell = make("th", { scope: "col" }, make("button", { type: "button", textContent: title, onclick: () => sortBy(name) }));
    if (state.sort === name) cell.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    return cell;
  }));
}

function sortBy(name) {
  state.descending = state.sort === name ? !state.descending : name === "time" || name.includes("accuracy");
  state.sort = name;
  refresh();
  [...document.querySelectorAll("th button")].find(button => button.parentElement.hasAttribute("aria-sort"))?.focus();
}

function body() {
  $("none").hidden = rows.length > 0;
  $("body").replaceChildren();
  widths();
  more();
}

/** Columns as wide as their longest texts. A table with automatic widths lays out all rows again for each new one. */
function widths() {
  const pen = make("canvas").getContext("2d"), style = getComputedStyle($("body")), em = parseFloat(style.fontSize), most = em * (innerWidth > narrow ? 16 : 12);
  const wide = (text, weight) => {
    pen.font = `${weight} ${style.fontSize} ${style.fontFamily}`;
    return Math.ceil(pen.measureText(text).width);
  };
  const found = [2.4 * em, ...columns.map(([name, title]) => {
    const longest = rows.reduce((longest, row) => text(row, name).length > longest.length ? text(row, name) : longest, "");
    return Math.min(most, Math.max(wide(longest, 400), wide(`${title} ▼`, 600)) + 1.4 * em);
  })];
  $("columns").replaceChildren(...found.map(width => Object.assign(make("col"), { style: `width: ${width}px` })));
  $("runs").style.width = `${found.reduce((sum, width) => sum + width, 0)}px`;
}

/** Puts the next rows into the table; all that are left where it is printed. The rest come one screen after the other. */
function more(count = atOnce) {
  const first = $("body").children.length;
  $("body").append(...rows.slice(first, first + count).map(line));
  clearTimeout(state.rest);
  if (first + count < rows.length) state.rest = setTimeout(more, pause);
}

function line(row) {
  const isChosen = state.chosen.has(row.id);
  const box = make("input", { type: "checkbox", checked: isChosen, ariaLabel: `select ${row.name}` });
  const line = make("tr", { className: isChosen ? "chosen" : "" }, make("td", {}, box), ...cells(row));
  line.onclick = event => {
    if (event.target.closest("a")) return;
    if (event.target !== box) box.checked = !box.checked;
    state.chosen[box.checked ? "add" : "delete"](row.id);
    line.className = box.checked ? "chosen" : "";
    chosen();
  };
  return line;
}

/** A row's cells. What is wrong with a damaged run is said in the place of its figures. */
function cells(row) {
  const figures = columns.filter(([name]) => isFigure(name)).length, shown = row.trouble ? columns.filter(([name]) => !isFigure(name)) : columns;
  const found = shown.map(([name]) => cell(row, name));
  if (row.trouble && figures)
    found.splice(columns.findIndex(([name]) => isFigure(name)), 0, make("td", { colSpan: figures, className: "trouble", textContent: row.trouble, title: row.trouble }));
  return found;
}

const isFigure = name => figures.some(([figure]) => figure === name);

function text(row, name) {
  if (name.startsWith("--")) return row.options[name.slice(2)] ?? "";
  if (name === "subject") return row.subject || row.trouble || "";
  if (!isFigure(name)) return row[name] ?? "";
  return short(row[name]) + (isNumber(row.spread[name]) ? ` ± ${short(row.spread[name])}` : "");
}

function cell(row, name) {
  const shown = text(row, name);
  if (name === "name" && row.members.length === 1) return make("td", { title: row.folder }, make("a", { href: row.link, textContent: shown }));
  return isFigure(name) ? make("td", { className: "number", textContent: shown })
    : make("td", { textContent: shown, title: name === "status" && row.trouble || shown, className: name === "status" ? row.status : "" });
}

/** A column of a log is a split and a metric, or a figure of its own: test_loss, learning_rate. */
function parts(column) {
  const match = /^(train|test|validation|averaged_test|averaged_validation)_(.+)$/.exec(column);
  return match ? { split: match[1], metric: match[2] } : { split: "", metric: column };
}

function chosen() {
  const some = rows.filter(row => state.chosen.has(row.id));
  $("chosen").hidden = $("details").hidden = some.length === 0;
  document.body.classList.toggle("choosing", some.length > 0);
  if (some.length === 0) return;
  const names = [...new Set(some.flatMap(row => row.members.flatMap(run => run.series.flatMap(series => Object.keys(series.columns)))))];
  const metrics = [...new Set(names.map(name => parts(name).metric))];
  keep($("metric"), metrics, metrics.includes("loss") ? "loss" : metrics[0]);
  const splits = [...new Set(names.map(parts).filter(part => part.metric === $("metric").value && part.split).map(part => part.split))];
  const off = new Set([...$("splits").querySelectorAll("input:not(:checked)")].map(box => box.value));
  $("splits").replaceChildren(...splits.map(split => make("label", {},
    make("input", { type: "checkbox", value: split, checked: !off.has(split), onchange: chart }), ` ${split.replace("_", " ")} `)));
  $("axes").hidden = metrics.length === 0;
  document.querySelector("figure").hidden = metrics.length === 0;
  chart();
  $("details").replaceChildren(...some.flatMap(row => row.members.map(detail)));
}

function keep(select, values, usual) {
  const was = select.value;
  select.replaceChildren(...values.map(value => make("option", { value, textContent: value.replaceAll("_", " ") })));
  select.value = values.includes(was) ? was : usual ?? "";
}

function detail(run) {
  const copy = make("button", { type: "button", textContent: "Copy" });
  const command = make("code", { textContent: run.command });
  copy.onclick = async () => {
    await copied(run.command, command);
    copy.textContent = "Copied";
    setTimeout(() => copy.textContent = "Copy", 1500);
  };
  const shown = figures.filter(([name]) => isNumber(run[name])).map(([name, title]) => `${title} ${short(run[name])}`);
  return make("article", {},
    make("h2", {}, make("a", { href: run.link, textContent: run.folder })),
    make("p", { textContent: [run.script, run.status, ...shown].filter(Boolean).join(" · ") }),
    ...(run.trouble ? [make("p", { className: "trouble", textContent: run.trouble })] : []),
    make("div", { className: "pictures" }, ...run.pictures.map(picture => make("a", { href: picture.link },
      make("img", { src: picture.link, alt: `${picture.name} of ${run.name}`, loading: "lazy", title: picture.name })))),
    make("p", { className: "soft", textContent: run.subject }),
    ...(run.command ? [make("p", {}, command, " ", copy)] : []));
}

async function copied(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Some browsers keep the clipboard from pages that were opened from a disk.
    getSelection().selectAllChildren(shown);
    document.execCommand("copy");
  }
}

/** A name for each of these rows that tells it from the others: what differs between them, and the run's own name where that is not enough. */
function names(some) {
  const cut = text => text.length > 40 ? `${text.slice(0, 20)}…${text.slice(-19)}` : text;
  const ofScript = Map.groupBy(some, row => row.script);
  const options = new Map([...ofScript].map(([script, same]) => [script, differing(same).slice(0, 4)]));
  let found = some.map(row => [
    ...ofScript.size > 1 ? [row.script] : [],
    ...options.get(row.script).filter(name => row.options[name]).map(name => `${name} ${cut(row.options[name])}`),
  ]);
  for (const more of [row => cut(row.subject), row => row.name]) {
    const times = Map.groupBy(found, String);
    found = found.map((parts, i) => parts.length && times.get(String(parts)).length === 1 ? parts : [...parts, more(some[i])].filter(Boolean));
  }
  return found.map(parts => parts.join(" · "));
}

/** What is drawn: for each selected row, split and series a line of [epoch, mean, deviation]. */
function lines() {
  const metric = $("metric").value;
  const shown = new Set([...$("splits").querySelectorAll("input:checked")].map(box => box.value)).add("");
  const some = rows.filter(row => state.chosen.has(row.id)).map(row => [row, row.members.flatMap(run => run.series.flatMap(series =>
    Object.entries(series.columns).map(([column, values]) => ({ ...parts(column), name: series.name, epochs: series.epochs, values }))
      .filter(curve => curve.metric === metric && shown.has(curve.split))))]).filter(([, found]) => found.length);
  const named = names(some.map(([row]) => row));
  let looks = 0;
  return some.flatMap(([, found], index) => {
    const series = [...new Set(found.map(curve => curve.name))], first = looks;
    looks += series.length;
    return [...Map.groupBy(found, curve => `${curve.split}\n${curve.name}`).values()].map(curves => {
      const look = first + series.indexOf(curves[0].name);
      return {
        name: [named[index], curves[0].name].filter(Boolean).join(" · "), split: curves[0].split,
        colour: colours[look % colours.length], mark: marks[(look + Math.floor(look / colours.length)) % marks.length],
        points: points(curves),
      };
    });
  });
}

function points(curves) {
  const at = new Map();
  for (const { epochs, values } of curves)
    epochs.forEach((epoch, i) => { if (isNumber(values[i])) at.set(epoch, [...at.get(epoch) ?? [], values[i]]); });
  return [...at].sort(([a], [b]) => a - b).map(([epoch, values]) => [epoch, mean(values), deviation(values)]);
}

let plotted = null;

function chart() {
  const svg = $("chart"), all = lines().filter(line => line.points.length);
  const isLog = $("log").checked && all.every(line => line.points.every(point => point[1] > 0));
  const { width, height } = svg.getBoundingClientRect();
  const [left, right, top, bottom] = [62, width - 12, 10, height - 34];
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  plotted = null;
  $("values").replaceChildren();
  if (!all.length || width < 100) return;
  const xs = all.flatMap(line => line.points.map(point => point[0]));
  const ys = all.flatMap(line => line.points.flatMap(([, y, sd]) => isLog ? [y] : [y - sd, y + sd]));
  const least = array => array.reduce((a, b) => Math.min(a, b)), most = array => array.reduce((a, b) => Math.max(a, b));
  const [x0, x1] = [least(xs), most(xs)], f = isLog ? Math.log10 : y => y;
  let [y0, y1] = [f(least(ys)), f(most(ys))];
  // Marks at the edges are to be seen whole.
  const margin = 14, room = y0 === y1 ? .5 : (y1 - y0) * margin / (bottom - top);
  [y0, y1] = [y0 - room, y1 + room];
  const x = epoch => x0 === x1 ? (left + right) / 2 : left + margin + (epoch - x0) / (x1 - x0) * (right - left - 2 * margin);
  const y = value => bottom - (f(value) - y0) / (y1 - y0) * (bottom - top);
  for (const tick of ticks(y0, y1)) {
    const place = bottom - (tick - y0) / (y1 - y0) * (bottom - top);
    svg.append(drawn("line", { class: "grid", x1: left, x2: right, y1: place, y2: place }),
      drawn("text", { x: left - 6, y: place + 4, "text-anchor": "end" }, short(isLog ? 10 ** tick : tick)));
  }
  for (const tick of ticks(x0, x1).filter(Number.isInteger))
    svg.append(drawn("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle" }, tick));
  svg.append(drawn("text", { x: right, y: height - 2, "text-anchor": "end" }, "epoch"));
  for (const line of all) {
    if (!isLog && line.points.some(point => point[2] > 0)) {
      const upper = line.points.map(([e, v, sd]) => `${x(e)},${y(v + sd)}`), lower = line.points.map(([e, v, sd]) => `${x(e)},${y(v - sd)}`).reverse();
      svg.append(drawn("polygon", { points: [...upper, ...lower].join(" "), fill: line.colour, opacity: .15 }));
    }
    const path = line.points.map(([e, v]) => `${x(e)},${y(v)}`).join(" ");
    svg.append(drawn("polyline", { points: path, fill: "none", stroke: line.colour, "stroke-width": 2, "stroke-dasharray": dashes[line.split] ?? "" }));
    // One epoch makes no visible line.
    const count = line.points.length, every = Math.ceil(count / mostMarks), size = count === 1 ? 2 : 1;
    line.points.forEach(([e, v], i) => {
      if (i % every === 0 || i === count - 1) svg.append(mark(line, x(e), y(v), size));
    });
  }
  const pointer = drawn("line", { class: "pointer", y1: top, y2: bottom, visibility: "hidden" });
  svg.append(pointer);
  plotted = { all, x, pointer, epochs: [...new Set(xs)].sort((a, b) => a - b) };
  values(state.at === null ? null : nearest(state.at));
}

/** A line's mark at a place; that of a training curve is hollow. */
const mark = (line, x, y, size) => drawn("path", {
  d: line.mark, transform: `translate(${x} ${y}) scale(${size})`, stroke: line.colour, "stroke-width": 1.5 / size,
  class: line.split === "train" ? "hollow" : "", fill: line.colour,
});

/** What a line looks like, for the legend. */
function swatch(line) {
  const svg = drawn("svg", { class: "swatch", viewBox: "0 0 36 12" });
  svg.append(drawn("line", { x1: 0, x2: 36, y1: 6, y2: 6, stroke: line.colour, "stroke-width": 2, "stroke-dasharray": dashes[line.split] ?? "" }),
    mark(line, 18, 6, 1));
  return svg;
}

function ticks(from, to) {
  const raw = (to - from) / 6 || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find(k => k * power >= raw) * power;
  return Array.from({ length: Math.floor(to / step) - Math.ceil(from / step) + 1 }, (_, i) => Number(((Math.ceil(from / step) + i) * step).toPrecision(12)));
}

const nearest = epoch => plotted.epochs.reduce((best, e) => Math.abs(e - epoch) < Math.abs(best - epoch) ? e : best);

/** The legend, with the values at an epoch, or without values if there is no pointer. */
function values(epoch) {
  plotted.pointer.setAttribute("visibility", epoch === null ? "hidden" : "visible");
  if (epoch !== null) for (const end of ["x1", "x2"]) plotted.pointer.setAttribute(end, plotted.x(epoch));
  $("values").replaceChildren(...(epoch === null ? [] : [make("strong", { textContent: `epoch ${epoch}` })]), ...plotted.all.map(line => {
    const point = line.points.find(([e]) => e === epoch);
    return make("span", {}, swatch(line), [line.name, line.split.replace("_", " ")].filter(Boolean).join(", "),
      point ? `: ${short(point[1])}${point[2] ? ` ± ${short(point[2])}` : ""}` : "");
  }));
}

$("chart").onpointermove = event => {
  if (!plotted) return;
  const place = event.clientX - $("chart").getBoundingClientRect().left;
  state.at = plotted.epochs.reduce((best, e) => Math.abs(plotted.x(e) - place) < Math.abs(plotted.x(best) - place) ? e : best);
  values(state.at);
};
$("chart").onpointerleave = () => { state.at = null; if (plotted) values(null); };
$("chart").onkeydown = event => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !plotted) return;
  event.preventDefault();
  const last = plotted.epochs.length - 1, now = state.at === null ? (step > 0 ? -1 : last + 1) : plotted.epochs.indexOf(nearest(state.at));
  state.at = plotted.epochs[Math.min(last, Math.max(0, now + step))];
  values(state.at);
};
$("body").onkeydown = event => {
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  const box = step && event.target.closest("tr")?.[step]?.querySelector("input");
  if (!box) return;
  event.preventDefault();
  box.focus();
};
document.onkeydown = event => {
  if (event.key !== "/" || event.target.closest("input, select")) return;
  event.preventDefault();
  $("query").focus();
};
$("query").oninput = () => { state.query = $("query").value; refresh(); };
$("script").onchange = () => { state.script = $("script").value; refresh(); };
$("grouped").onchange = () => { state.grouped = $("grouped").checked; state.chosen.clear(); refresh(); };
$("clear").onclick = () => { state.chosen.clear(); refresh(); };
$("metric").onchange = chosen;
$("log").onchange = chart;
for (const form of document.forms) form.onsubmit = event => event.preventDefault();
addEventListener("beforeprint", () => more(rows.length));
addEventListener("resize", () => { if (!$("chosen").hidden) chart(); });

for (const run of runs) {
  run.time = run.time.slice(0, 16).replace("T", " ");
  run.options = Object.assign(Object.create(null), run.options); // An option may be called like a property that all objects have.
  run.text = [run.script, run.time, run.name, run.folder, run.status, run.subject, run.trouble, ...Object.entries(run.options).map(([name, value]) => `${name}=${value}`)]
    .join(" ").toLowerCase();
}
$("about").textContent = `${runs.length} ${runs.length === 1 ? "run" : "runs"}, as of ${made}. Select rows to overlay their curves.`;
$("trouble").textContent = trouble;
if (runs.length === 1) state.chosen.add(runs[0].folder);
$("script").append(make("option", { value: "", textContent: "all" }),
  ...[...new Set(runs.map(run => run.script))].sort().map(value => make("option", { value, textContent: value })));
refresh();
