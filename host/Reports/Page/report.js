"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Sorting: by the exact value where a cell has one, else by its text; cells without a value come last either way.
function sort(head) {
  const row = head.parentElement, table = row.closest("table"), column = [...row.children].indexOf(head);
  const ascending = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : head.dataset.first !== "descending";
  for (const other of row.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const key = line => {
    const cell = line.children[column];
    return cell.dataset.v !== undefined ? parseFloat(cell.dataset.v) : head.dataset.text !== undefined ? cell.textContent : NaN;
  };
  const empty = value => typeof value === "number" && Number.isNaN(value);
  const compare = (a, b) => empty(a) || empty(b) ? empty(a) - empty(b) : (a < b ? -1 : a > b ? 1 : 0) * (ascending ? 1 : -1);
  body.append(...[...body.rows].map(line => [key(line), line]).sort(([a], [b]) => compare(a, b)).map(([, line]) => line));
}
for (const head of all("thead th")) head.querySelector("button")?.addEventListener("click", () => sort(head));

// A strategy that is pointed at, or pinned by a click, is lit in every picture.
let pinned = null;
function light(strategy) {
  for (const shape of all(".on")) shape.classList.remove("on");
  document.body.classList.toggle("lit", strategy !== null);
  if (strategy !== null) for (const shape of all(`.s${strategy}, [data-s="${strategy}"]`)) shape.classList.add("on");
}
for (const element of all("[data-s]")) {
  element.addEventListener("mouseenter", () => light(element.dataset.s));
  element.addEventListener("mouseleave", () => light(pinned));
  element.addEventListener("click", () => light(pinned = pinned === element.dataset.s ? null : element.dataset.s));
}

document.querySelector(".theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
