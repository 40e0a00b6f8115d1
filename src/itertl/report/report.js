"use strict";

// What goes wrong is left on the root element, where a test can read it.
const root = document.documentElement;
function recordError(message) {
  root.dataset.errors = (root.dataset.errors ? root.dataset.errors + "; " : "") + message;
}
addEventListener("error", (event) => recordError(event.message));
addEventListener("unhandledrejection", (event) => recordError(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => recordError(`refused ${event.violatedDirective}`));

const byId = (id) => document.getElementById(id);

// All text enters the page through here: as a text node, never as markup.
function make(name, classes, ...children) {
  const node = document.createElement(name);
  if (classes) node.className = classes;
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

// ---- tooltips: a mark's <title>, reached by pointer or by arrow keys on the chart ----

const tip = byId("tip");

function showTip(mark) {
  document.querySelectorAll(".mark.current").forEach((other) => other.classList.remove("current"));
  tip.hidden = !mark;
  if (!mark) return;
  mark.classList.add("current");
  tip.textContent = mark.dataset.tip;
  const box = mark.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = box.left + box.width / 2 - own.width / 2;
  const above = box.top - own.height - 8;
  tip.style.left = `${Math.max(8, Math.min(left, innerWidth - own.width - 8))}px`;
  tip.style.top = `${above < 8 ? box.bottom + 8 : above}px`;
}

function prepareChart(chart) {
  chart.querySelectorAll(".mark > title").forEach((title) => {
    title.parentNode.dataset.tip = title.textContent;
    title.parentNode.setAttribute("aria-label", title.textContent);
    title.remove();
  });
  const [title, description] = [chart.querySelector("title"), chart.querySelector("desc")];
  chart.setAttribute("aria-label", `${title.textContent}: ${description.textContent}`);
  chart.removeAttribute("aria-labelledby");
  title.remove();
  const marks = [...chart.querySelectorAll(".mark")];
  let current = -1;
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      current = (current + step + (current < 0 && step < 0 ? 1 : 0) + marks.length) % marks.length;
      showTip(marks[current]);
      event.preventDefault();
    } else if (event.key === "Enter" && marks[current]?.hasAttribute("href")) {
      location.hash = marks[current].getAttribute("href");
    } else if (event.key === "Escape") {
      showTip(null);
    }
  });
  chart.addEventListener("blur", () => showTip(null));
  chart.addEventListener("pointerover", (event) => showTip(event.target.closest(".mark")));
  chart.addEventListener("pointerleave", () => showTip(null));
}

document.querySelectorAll("svg.chart").forEach(prepareChart);
addEventListener("scroll", () => showTip(null), { passive: true });
