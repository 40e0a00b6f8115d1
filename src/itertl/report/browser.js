// ---- browser of samples ----

const words = (name) => name.replaceAll("_", " ");
const outcomeOrder = ["empty", "rejected", "syntax_error", "elaboration_error", "interface_mismatch", "timeout",
  "output_limit", "mismatch", "passed", "unsupported", "tool_error", "missing", "unverified"];
const iterationName = (number) => (number === 0 ? "warm start" : `iteration ${number}`);

// What a page filters by is in its form: a select is named after the field of a sample that it compares with.
const fields = Object.fromEntries([...document.querySelectorAll("#filters [name]")].map((field) => [field.name, field]));
const selects = Object.values(fields).filter((field) => field.tagName === "SELECT");
const wordsOf = (field, value) => (["outcome", "official"].includes(field.name) ? words(value) : value);
const list = byId("sample-list");
const ROW = 54; // pixels of an item, as the style sheet has them
let found = [];
let chosen = null;
let through = null; // the task that is shown through its iterations
let turn = 0; // of the latest filter: an earlier one that is still reading gives up

function orderOf(field, values) {
  if (["outcome", "official"].includes(field.name)) return outcomeOrder.filter((known) => values.includes(known));
  if (field.name === "use") return values;
  return values.sort((a, b) => String(a).localeCompare(String(b), "en", { numeric: true }));
}

function fillFilters() {
  for (const field of selects) {
    const counts = new Map();
    for (const sample of samples) counts.set(sample[field.name], (counts.get(sample[field.name]) ?? 0) + 1);
    const values = [...counts.keys()].filter((value) => value !== "" && value !== null && value !== undefined);
    for (const value of orderOf(field, values)) {
      const option = make("option", "", `${wordsOf(field, String(value))} (${counts.get(value)})`);
      option.value = String(value);
      field.append(option);
    }
    field.closest("label").hidden = values.length < 2 && !["outcome", "schematic"].includes(field.name);
  }
}

// What the list says of a sample behind its outcome: where it is from, or that the official outcome is another one.
function aside(sample) {
  if (sample.iteration !== undefined) return iterationName(sample.iteration);
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
  item.setAttribute("aria-setsize", found.length);
  item.setAttribute("aria-posinset", index + 1);
  item.setAttribute("aria-selected", String(index === chosen));
  item.style.top = `${index * ROW}px`;
  return item;
}

// Only the items in sight exist, and a few around them.
function fillList() {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
  const last = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 8);
  const room = make("li", "room");
  room.setAttribute("role", "presentation");
  room.style.height = `${found.length * ROW}px`;
  const items = [];
  for (let index = first; index < last; index++) items.push(listItem(found[index], index));
  list.replaceChildren(room, ...items);
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

const samplesOf = (sample) => samples.filter((other) => other.task === sample.task && other.use === sample.use);

function throughButton(sample) {
  const all = samplesOf(sample);
  const rounds = new Set(all.map((other) => other.iteration)).size;
  if (sample.iteration === undefined || all.length < 2) return null;
  const button = make("button", "", rounds > 1 ? `This task through ${rounds} iterations` : "All samples of this task");
  button.type = "button";
  button.addEventListener("click", () => { through = sample; showThrough(sample); byId("sample").scrollIntoView({ block: "nearest" }); });
  return button;
}

function drawnText(sample) {
  if (sample.drawn === 1) return "drawn once";
  const numbers = [sample.index, ...sample.more.map(([index]) => index)];
  return `drawn ${sample.drawn} times: samples ${numbers.slice(0, 12).join(", ")}${numbers.length > 12 ? ", …" : ""}`;
}

async function showSample(brief) {
  const sample = await whole(brief);
  const [own, referred] = await Promise.all([drawingOf(sample.drawing), drawingOf(sample.about.drawing)]);
  if (found[chosen] !== brief || through) return;
  const task = sample.about;
  const run = data.kind === "run";
  const finish = sample.finish === "length" ? "cut off at the token limit" : "";
  const simulated = ["mismatch", "passed"].includes(sample.outcome) && sample.agreement !== null;
  const beside = run && task.reference !== "";
  const parts = [
    make("h3", "", sample.task),
    make("p", "badges",
      badge(words(sample.outcome), `o-${sample.outcome}`),
      badge(sample.official ? `official: ${words(sample.official)}` : "", `o-${sample.official}`),
      badge(run ? `${iterationName(sample.iteration)}, ${sample.use}` : ""),
      badge(sample.drawn > 1 ? "" : `sample ${sample.index}`),
      badge(drawnText(sample)),
      badge(typeof sample.score === "number" ? `score ${sample.score.toFixed(2)}` : ""),
      badge(finish), badge(task.suite), ...task.tags.map((tag) => badge(tag))),
    throughButton(sample),
    make("p", "instruction", task.instruction || data.words.nothing),
    simulated ? agreementBar(sample.agreement) : null,
    sample.detail ? make("p", `detail o-${sample.outcome}`, sample.detail) : null,
    sample.wave ? waveform(sample.wave) : null,
    own ? schematic(own, "Schematic") : null,
    referred ? foldedSchematic(referred, "Schematic of the reference") : null,
    beside ? sideBySide(sample.code || sample.completion, task.reference) : asDrawn(sample),
    run && task.instruction && !beside ? make("p", "about", "Reference: this task has none.") : null,
  ];
  byId("sample").replaceChildren(...parts.filter((part) => part !== null));
  joinScrolling(byId("sample"));
}

function card(sample, reference) {
  const lines = (sample.code || sample.completion).replace(/\s+$/, "").split("\n").map((line, index) => codeLine(line, index, null, true));
  const body = make("div", "code", make("div", "lines", ...lines));
  body.tabIndex = 0;
  body.setAttribute("role", "region");
  body.setAttribute("aria-label", reference ? "Reference" : `Sample ${sample.index} of ${iterationName(sample.iteration)}`);
  if (reference) return make("div", "card-of-sample", body);
  const button = make("button", `plain o-${sample.outcome}`, make("span", "swatch"), `${words(sample.outcome)}${sample.drawn > 1 ? ` ×${sample.drawn}` : ""}`);
  button.type = "button";
  button.addEventListener("click", () => { through = null; choose(Math.max(0, found.findIndex((other) => other.position === sample.position)), sample); });
  return make("div", "card-of-sample", button, body);
}

// One task, a column an iteration, the samples of each below one another.
async function showThrough(brief) {
  const all = await Promise.all(samplesOf(brief).map(whole));
  if (through !== brief) return;
  const columns = new Map();
  for (const sample of all) columns.set(sample.iteration, [...(columns.get(sample.iteration) ?? []), sample]);
  const task = all[0].about;
  const back = make("button", "", "Back to the sample");
  back.type = "button";
  back.addEventListener("click", () => { through = null; showSample(found[chosen]); });
  const cells = [...columns].sort(([a], [b]) => a - b).map(([iteration, some]) => {
    const [right, total] = [true, false].map((only) => some.filter((s) => !only || s.outcome === "passed").reduce((sum, s) => sum + s.drawn, 0));
    const order = (s) => -outcomeOrder.indexOf(s.outcome);
    return make("section", "round", make("h4", "", iterationName(iteration), make("small", "", `${right} of ${total} passed`)),
      ...some.sort((a, b) => order(a) - order(b) || a.index - b.index).map((s) => card(s)));
  });
  if (task.reference) cells.push(make("section", "round", make("h4", "", "reference"), card({ code: task.reference }, true)));
  const rounds = make("div", "rounds", ...cells);
  rounds.tabIndex = 0;
  byId("sample").replaceChildren(make("h3", "", brief.task), make("p", "badges", badge(brief.use), ...task.tags.map((tag) => badge(tag))),
    back, make("p", "instruction", task.instruction || data.words.nothing), rounds);
}

function choose(position, instead) {
  chosen = found.length ? Math.max(0, Math.min(position, found.length - 1)) : null;
  if (chosen === null) {
    fillList();
    list.removeAttribute("aria-activedescendant");
    byId("sample").replaceChildren(make("p", "empty", "No sample fits the filter."));
    return Promise.resolve();
  }
  if (instead && found[chosen].position !== instead.position) found[chosen] = samples[instead.position];
  const top = chosen * ROW;
  list.scrollTop = Math.max(Math.min(list.scrollTop, top), top + ROW - list.clientHeight);
  fillList();
  list.setAttribute("aria-activedescendant", `sample-${chosen}`);
  return showSample(found[chosen]);
}

const chosenValues = () => selects.every((field) => !field.value);

// Texts are read block by block, so that the page answers meanwhile.
async function searched(some, wanted, mine) {
  const hits = [];
  let last = -1;
  for (const sample of some) {
    if (blockOf(sample) !== last) {
      last = blockOf(sample);
      byId("filter-count").textContent = `searching … ${last + 1} of ${starts.length}`;
      if (mine !== turn) return null;
    }
    const full = await whole(sample);
    const text = [full.task, full.about.instruction, full.code, full.detail, ...full.about.tags].join("\n").toLowerCase();
    if (text.includes(wanted)) hits.push(sample);
  }
  return hits;
}

async function applyFilter() {
  const mine = ++turn;
  const wanted = fields.text.value.trim().toLowerCase();
  let some = samples.filter((sample) => selects.every((field) => !field.value || String(sample[field.name]) === field.value));
  if (wanted) some = await searched(some, wanted, mine);
  if (some === null || mine !== turn) return;
  found = some;
  through = null;
  const drawn = (each) => each.reduce((sum, sample) => sum + sample.drawn, 0);
  byId("filter-count").textContent = `${drawn(found).toLocaleString("en")} of ${drawn(samples).toLocaleString("en")} samples`;
  list.scrollTop = 0;
  await choose(0);
}

// #outcome=mismatch&iteration=2&text=counter sets the filter, #through=TASK&use=dev shows a task; any other fragment is
// an ordinary anchor.
async function readHash() {
  if (!location.hash.includes("=")) return false;
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const [name, field] of Object.entries(fields)) {
    field.value = wanted.get(name) ?? "";
    if (field.selectedIndex === -1) field.value = "";
  }
  byId("samples").scrollIntoView();
  await applyFilter();
  const task = wanted.get("through");
  const sample = task ? found.find((each) => each.task === task) : undefined;
  if (sample) {
    await choose(found.indexOf(sample));
    through = sample;
    await showThrough(sample);
  }
  return true;
}

function writeHash() {
  const set = Object.entries(fields).filter(([, field]) => field.value).map(([name, field]) => [name, field.value]);
  history.replaceState(null, "", set.length ? `#${new URLSearchParams(set)}` : "#samples");
}

async function download() {
  const blob = new Blob(await linesOf(found), { type: "application/jsonl" });
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = chosenValues() && !fields.text.value ? "samples.jsonl" : "samples-chosen.jsonl";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function startBrowser() {
  await readIndex();
  fillFilters();
  byId("filters").addEventListener("input", () => { applyFilter(); writeHash(); });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("download").addEventListener("click", download);
  addEventListener("hashchange", readHash);
  list.addEventListener("scroll", fillList, { passive: true });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li[id]");
    if (item) { through = null; choose(Number(item.id.slice("sample-".length))); }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    through = null;
    choose((chosen ?? 0) + step);
    event.preventDefault();
  });
  if (!(await readHash())) await applyFilter();
}

if (list && unpacking) {
  startBrowser().then(() => { root.dataset.ready = "true"; performance.mark("ready"); });
} else {
  if (list) byId("sample").replaceChildren(make("p", "empty", "This browser cannot unpack the samples (it has no DecompressionStream); any of 2023 or later can."));
  root.dataset.ready = "true";
}
