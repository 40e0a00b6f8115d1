// ---- the waveform of a first mismatch, drawn ----

const SVG = "http://www.w3.org/2000/svg";

function draw(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const PITCH = 30;
const LETTER = 7.6;
const suffixed = (row) => (["expected", "got"].includes(row.kind) ? `${row.name} ${row.kind}` : row.name);

// A row whose values are all one bit is drawn as levels, any other one as a bus with its digits.
function levels(row, x, top) {
  const at = { 0: top + 21, 1: top + 7 };
  const points = row.values.flatMap((value, i) => {
    const y = at[value] ?? top + 14;
    return [`${x[i]},${y}`, `${x[i + 1]},${y}`];
  });
  return [draw("polyline", { points: points.join(" "), class: "level" })];
}

function bus(row, x, top) {
  const parts = [];
  row.values.forEach((value, i) => {
    const same = i > 0 && row.values[i - 1] === value;
    let end = i + 1;
    while (end < row.values.length && row.values[end] === value) end++;
    if (same) return;
    const [a, b] = [x[i], x[end]];
    const points = [[a, top + 14], [a + 4, top + 5], [b - 4, top + 5], [b, top + 14], [b - 4, top + 23], [a + 4, top + 23]];
    parts.push(draw("polygon", { points: points.map((point) => point.join(",")).join(" "), class: "bus" }));
    parts.push(draw("text", { x: (a + b) / 2, y: top + 18, class: "digits" }, value));
  });
  return parts;
}

function sentenceOf(wave, rows, unit) {
  const wrong = rows.filter((row) => row.kind === "got" && (row.marks ?? []).some(([column]) => column === wave.at));
  const parts = wrong.map((row) => {
    const wanted = rows.find((other) => other.kind === "expected" && other.name === row.name);
    return `${row.name} expected ${wanted ? wanted.values[wave.at] : "another value"}, got ${row.values[wave.at]}`;
  });
  const inputs = rows.filter((row) => row.kind === "input").map((row) => `${row.name} ${row.values[wave.at]}`);
  return `${unit} ${wave.cycles[wave.at]}: ${parts.join("; ")}${inputs.length ? `; inputs ${inputs.join(", ")}` : ""}`;
}

function waveform(wave) {
  const rows = wave.rows;
  const unit = rows.some((row) => row.kind === "clock") ? "cycle" : "vector";
  const label = Math.min(220, Math.max(...rows.map((row) => suffixed(row).length), 6) * LETTER + 16);
  const x = [label];
  wave.cycles.forEach((_, i) => x.push(x[i] + Math.max(32, Math.max(...rows.map((row) => row.values[i].length)) * LETTER + 14)));
  const [width, height] = [x.at(-1) + 8, 26 + PITCH * rows.length + 6];
  const svg = draw("svg", { class: "wave", viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  svg.setAttribute("aria-label", `First mismatch. ${sentenceOf(wave, rows, unit)}`);
  svg.append(draw("rect", { x: x[wave.at], y: 0, width: x[wave.at + 1] - x[wave.at], height, class: "at" }));
  svg.append(draw("text", { x: 0, y: 16, class: "unit" }, unit));
  wave.cycles.forEach((cycle, i) => {
    if (i === 0 || wave.cycles[i - 1] !== cycle) svg.append(draw("text", { x: x[i] + 3, y: 16, class: "unit" }, cycle));
  });
  rows.forEach((row, number) => {
    const top = 26 + PITCH * number;
    const group = draw("g", { class: `signal ${row.kind}` });
    for (const [column] of row.marks ?? []) {
      group.append(draw("rect", { x: x[column], y: top + 2, width: x[column + 1] - x[column], height: PITCH - 6, class: "wrong" }));
    }
    group.append(draw("text", { x: 0, y: top + 18, class: "label" }, suffixed(row)));
    group.append(...(row.values.every((value) => /^[01xz]$/.test(value)) ? levels(row, x, top) : bus(row, x, top)));
    svg.append(group);
  });
  const box = make("div", "waves", svg);
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Waveform of the first mismatch");
  const hidden = wave.hidden ? make("p", "about", `${wave.hidden} more inputs are not drawn.`) : null;
  return make("div", "", make("h4", "", "First mismatch", make("small", "", sentenceOf(wave, rows, unit))), box, hidden);
}

