// ---- the schematic of a design, drawn from numbers ----

const ANCHORS = { s: "start", m: "middle", e: "end" };

function schematic(drawing, title) {
  const [width, height] = drawing.size;
  const svg = draw("svg", { class: "schematic", viewBox: `-4 -4 ${width + 8} ${height + 8}`, width: width + 8, height: height + 8, role: "img" });
  const names = drawing.labels.filter(([, , anchor]) => anchor === "m").map(([, , , text]) => text);
  svg.setAttribute("aria-label", `${title}: ${names.slice(0, 40).join(", ")}`);
  for (const kind of ["wires", "buses", "body", "solid"]) svg.append(draw("path", { d: drawing[kind], class: kind }));
  for (let i = 0; i < drawing.dots.length; i += 2) svg.append(draw("circle", { cx: drawing.dots[i], cy: drawing.dots[i + 1], r: 2.6, class: "dot-of-wires" }));
  for (const [x, y, anchor, text] of drawing.labels) svg.append(draw("text", { x, y, "text-anchor": ANCHORS[anchor] ?? "start" }, text));
  const box = make("div", "waves drawing", svg);
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", title);
  return make("div", "", make("h4", "", title), box);
}

function foldedSchematic(drawing, title) {
  const body = schematic(drawing, title).lastChild;
  return make("details", "", make("summary", "", title), body);
}
