// ---- line diff: longest common subsequence over lines, layout ignored ----

const squeeze = (line) => line.trim().replace(/\s+/g, " ");

function alignLines(left, right) {
  const [a, b] = [left.map(squeeze), right.map(squeeze)];
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const same = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : 0;
      table[i * width + j] = Math.max(same, table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const rows = [];
  let [i, j] = [0, 0];
  let [gone, come] = [[], []];
  const flush = () => {
    for (let k = 0; k < Math.max(gone.length, come.length); k++) rows.push([gone[k] ?? null, come[k] ?? null, false]);
    [gone, come] = [[], []];
  };
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush();
      rows.push([i++, j++, true]);
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) {
      gone.push(i++);
    } else {
      come.push(j++);
    }
  }
  flush();
  return rows;
}

// The part of `text` that differs from `other`, between what both begin and end with.
function changedPart(text, other) {
  let [start, end] = [0, 0];
  const most = Math.min(text.length, other.length);
  while (start < most && text[start] === other[start]) start++;
  while (end < most - start && text[text.length - 1 - end] === other[other.length - 1 - end]) end++;
  return [text.slice(0, start), text.slice(start, text.length - end), text.slice(text.length - end)];
}

function codeLine(text, number, other, same) {
  if (number === null) return make("div", "line filler", "\u00a0");
  const line = make("div", same ? "line" : "line changed");
  line.append(make("span", "number", String(number + 1)));
  const code = make("span", "text");
  if (same || other === null) {
    code.append(text || "\u00a0");
  } else {
    const [before, middle, after] = changedPart(text, other);
    const common = before.trim().length + after.trim().length;
    if (common >= 3) code.append(before, make("mark", "", middle), after);
    else code.append(text || "\u00a0");
  }
  line.append(code);
  return line;
}

function codeColumn(title, note, kind, lines) {
  const body = make("div", "code", make("div", "lines", ...lines));
  body.tabIndex = 0;
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", title);
  return make("div", `column ${kind}`, make("h4", "", title, make("small", "", note)), body);
}

function sideBySide(code, reference) {
  const [left, right] = [code.replace(/\s+$/, "").split("\n"), reference.replace(/\s+$/, "").split("\n")];
  const rows = alignLines(left, right);
  const differing = rows.filter((row) => !row[2]).length;
  const note = differing ? (differing > 1 ? `${differing} lines differ` : "1 line differs") : "same but for layout";
  const at = (lines, index) => (index === null ? null : lines[index]);
  return make(
    "div",
    "sides",
    codeColumn("Candidate", code ? note : "", "candidate", rows.map(([i, j, same]) => codeLine(at(left, i), i, at(right, j), same))),
    codeColumn("Reference", "", "reference", rows.map(([i, j, same]) => codeLine(at(right, j), j, at(left, i), same))),
  );
}

// The design that was judged, and the completion that it was taken from where that is another text.
function asDrawn(sample) {
  const lines = (text) => text.replace(/\s+$/, "").split("\n").map((line, index) => codeLine(line, index, null, true));
  const columns = [codeColumn("Design", sample.code ? "" : "none in the completion", "candidate", sample.code ? lines(sample.code) : [])];
  if (squeeze(sample.completion) !== squeeze(sample.code)) columns.push(codeColumn("Completion", "", "completion", lines(sample.completion)));
  return make("div", columns.length > 1 ? "sides" : "sides single", ...columns);
}

// Scroll both columns as one, and to the first difference where that lies beyond the edge.
function joinScrolling(sides) {
  const columns = [...sides.querySelectorAll(".candidate .code, .reference .code")];
  if (columns.length < 2) return;
  columns.forEach((column, index) => column.addEventListener("scroll", () => {
    const other = columns[1 - index];
    [other.scrollLeft, other.scrollTop] = [column.scrollLeft, column.scrollTop];
  }));
  const difference = sides.querySelector("mark");
  const beyond = difference ? difference.offsetLeft + difference.offsetWidth - columns[0].clientWidth : 0;
  if (beyond > 0) columns[0].scrollLeft = beyond + 60;
}

// ---- browser of samples ----

const data = JSON.parse(byId("sample-data").textContent);
const words = (name) => name.replaceAll("_", " ");
const outcomeOrder = ["empty", "rejected", "syntax_error", "elaboration_error", "interface_mismatch", "timeout",
  "output_limit", "mismatch", "passed", "unsupported", "tool_error", "missing", "unverified"];
const taskOf = (sample) => data.tasks[sample.task] ?? { instruction: "", reference: "", suite: "", tags: [] };

// What a page filters by is in its form: a select is named after the field of a sample that it compares with.
const fields = Object.fromEntries([...document.querySelectorAll("#filters [name]")].map((field) => [field.name, field]));
const selects = Object.values(fields).filter((field) => field.tagName === "SELECT");
const wordsOf = (field, value) => (["outcome", "official"].includes(field.name) ? words(value) : value);
const list = byId("sample-list");
let visible = [];
let chosen = null;

function haystack(sample) {
  const task = taskOf(sample);
  return [sample.task, task.instruction, sample.code, sample.detail, ...task.tags].join("\n").toLowerCase();
}

function orderOf(field, values) {
  if (["outcome", "official"].includes(field.name)) return outcomeOrder.filter((known) => values.includes(known));
  return values.sort((a, b) => String(a).localeCompare(String(b), "en", { numeric: true }));
}

function fillFilters() {
  for (const field of selects) {
    const counts = new Map();
    for (const sample of data.samples) counts.set(sample[field.name], (counts.get(sample[field.name]) ?? 0) + 1);
    for (const value of orderOf(field, [...counts.keys()])) {
      const option = make("option", "", `${wordsOf(field, String(value))} (${counts.get(value)})`);
      option.value = String(value);
      field.append(option);
    }
  }
}

// What the list says of a sample behind its outcome: where it is from, or that the official outcome is another one.
function aside(sample) {
  if (sample.iteration !== undefined) return `iteration ${sample.iteration}`;
  return sample.official && sample.official !== sample.outcome ? `official: ${words(sample.official)}` : "";
}

function listItem(sample, index) {
  const item = make(
    "li",
    `o-${sample.outcome}`,
    make("span", "swatch"),
    make("span", "name", sample.task),
    make("span", "meta", [words(sample.outcome), aside(sample), sample.drawn > 1 ? `×${sample.drawn}` : ""].filter(Boolean).join(" · ")),
  );
  item.id = `sample-${index}`;
  item.setAttribute("role", "option");
  return item;
}

function badge(text, style) {
  return text ? make("span", style ? `badge ${style}` : "badge", style ? make("span", "swatch") : null, text) : null;
}

function agreementBar(value) {
  const bar = make("div", "meter", make("div", "fill"));
  bar.firstChild.style.width = `${100 * value}%`;
  bar.setAttribute("role", "meter");
  bar.setAttribute("aria-label", "Agreement with the reference");
  for (const [name, number] of [["min", 0], ["max", 100], ["now", Math.round(100 * value)]]) bar.setAttribute(`aria-value${name}`, number);
  const share = value < 1 ? Math.min(99.9, 100 * value).toFixed(1) : "100";
  return make("div", "agreement", bar, make("span", "", `${share} % ${data.words.agree}`));
}

function showSample(sample) {
  const task = taskOf(sample);
  const finish = sample.finish === "length" ? "cut off at the token limit" : "";
  const simulated = ["mismatch", "passed"].includes(sample.outcome) && sample.agreement !== null;
  const noReference = sample.completion === undefined && data.tasks[sample.task] && task.reference === "" ? "this task has none" : "";
  const parts = [
    make("h3", "", sample.task),
    make("p", "badges",
      badge(words(sample.outcome), `o-${sample.outcome}`),
      badge(sample.official ? `official: ${words(sample.official)}` : "", `o-${sample.official}`),
      badge(sample.iteration === undefined ? `sample ${sample.index}` : `iteration ${sample.iteration}`),
      badge(sample.drawn > 1 ? `drawn ${sample.drawn} times` : "drawn once"),
      badge(sample.score === null ? "" : `score ${sample.score.toFixed(2)}`),
      badge(finish), badge(task.suite), ...task.tags.map((tag) => badge(tag))),
    make("p", "instruction", task.instruction || data.words.nothing),
    simulated ? agreementBar(sample.agreement) : null,
    sample.detail ? make("p", `detail o-${sample.outcome}`, sample.detail) : null,
    sample.completion === undefined ? sideBySide(sample.code, task.reference) : asDrawn(sample),
    noReference ? make("p", "about", `Reference: ${noReference}.`) : null,
  ];
  byId("sample").replaceChildren(...parts.filter((part) => part !== null));
  joinScrolling(byId("sample"));
}

function choose(position) {
  const items = list.children;
  if (chosen !== null) items[chosen]?.setAttribute("aria-selected", "false");
  chosen = visible.length ? Math.max(0, Math.min(position, visible.length - 1)) : null;
  if (chosen === null) {
    list.removeAttribute("aria-activedescendant");
    byId("sample").replaceChildren(make("p", "empty", "No sample fits the filter."));
    return;
  }
  const item = items[chosen];
  item.setAttribute("aria-selected", "true");
  list.setAttribute("aria-activedescendant", item.id);
  list.scrollTop = Math.max(Math.min(list.scrollTop, item.offsetTop), item.offsetTop + item.offsetHeight - list.clientHeight);
  showSample(visible[chosen]);
}

function applyFilter() {
  const wanted = fields.text.value.trim().toLowerCase();
  visible = data.samples.filter((sample) =>
    selects.every((field) => !field.value || String(sample[field.name]) === field.value) &&
    (!wanted || haystack(sample).includes(wanted)));
  byId("filter-count").textContent = `${visible.length} of ${data.samples.length}`;
  list.replaceChildren(...visible.map(listItem));
  chosen = null;
  choose(0);
}

// #outcome=mismatch&iteration=2&text=counter sets the filter; any other fragment is an ordinary anchor.
function readHash() {
  if (!location.hash.includes("=")) return false;
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const [name, field] of Object.entries(fields)) {
    field.value = wanted.get(name) ?? "";
    if (field.selectedIndex === -1) field.value = "";
  }
  applyFilter();
  byId("samples").scrollIntoView();
  return true;
}

function writeHash() {
  const set = Object.entries(fields).filter(([, field]) => field.value).map(([name, field]) => [name, field.value]);
  history.replaceState(null, "", set.length ? `#${new URLSearchParams(set)}` : "#samples");
}

if (list) {
  fillFilters();
  byId("filters").addEventListener("input", () => { applyFilter(); writeHash(); });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", readHash);
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose([...list.children].indexOf(item));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    choose((chosen ?? 0) + step);
    event.preventDefault();
  });
  if (!readHash()) applyFilter();
}
root.dataset.ready = "true";
