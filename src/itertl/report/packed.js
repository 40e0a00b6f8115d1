// ---- samples: an index that is read once, and blocks of texts that are read when they are needed ----

const data = byId("sample-data") ? JSON.parse(byId("sample-data").textContent) : { count: 0, blocks: 0, words: {} };
const unpacking = typeof DecompressionStream === "function";
const samples = [];
const starts = [];
const blocks = new Map();

// Base64 of deflated JSON, as packed.py writes it.
async function unpackElement(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

async function readIndex() {
  const index = await unpackElement("sample-index");
  starts.push(...index.starts);
  const columns = Object.entries(index.columns);
  for (let position = 0; position < data.count; position++) {
    const sample = { position };
    for (const [name, column] of columns) sample[name] = column.values[column.codes[position]];
    samples.push(sample);
  }
}

function blockOf(sample) {
  let block = starts.findIndex((start) => start > sample.position);
  if (block < 0) block = starts.length;
  return block - 1;
}

function readBlock(number) {
  if (!blocks.has(number)) blocks.set(number, unpackElement(`sample-block-${number}`));
  return blocks.get(number);
}

const completionOf = (completion, code) => (typeof completion === "number" ? code.slice(completion) : completion ?? "");

let drawings = null;

// The drawing of a number, null where there is none.
async function drawingOf(number) {
  if (typeof number !== "number" || !byId("sample-drawings")) return null;
  drawings ??= unpackElement("sample-drawings");
  return (await drawings)[number] ?? null;
}

// A sample with its texts and its task.
async function whole(sample) {
  const number = blockOf(sample);
  const block = await readBlock(number);
  const texts = block.rows[sample.position - starts[number]];
  const code = texts.code ?? "";
  return {
    ...sample, code, detail: texts.detail ?? "", wave: texts.wave ?? null, more: texts.more ?? [],
    completion: completionOf(texts.completion, code),
    about: block.tasks[sample.task] ?? { instruction: "", reference: "", suite: "", tags: [] },
  };
}

// One line of JSON for every sample that was drawn: those of a design share its verdict.
async function asLines(sample) {
  const full = await whole(sample);
  const { position, drawn, index, finish, task, code, completion, about, more, wave, schematic, drawing, ...said } = full;
  const each = [[index, finish, completion], ...more.map(([at, end, text]) => [at, end, completionOf(text, code)])];
  return each.map(([at, end, text]) =>
    JSON.stringify({ task_id: task, ...said, index: at, finish_reason: end, code, completion: text }) + "\n").join("");
}

async function linesOf(chosen) {
  const parts = [];
  for (const sample of chosen) parts.push(await asLines(sample));
  return parts;
}

