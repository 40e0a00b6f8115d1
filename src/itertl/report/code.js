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

