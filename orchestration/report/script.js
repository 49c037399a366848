// Finding, sorting, opening. Without it the page shows all the same; controls that need it are hidden until it runs.
"use strict";

// Rows (or blocks) of a list that the text and the tag chosen above it leave.
function narrow(id) {
  const list = document.getElementById(id);
  const text = (document.querySelector(`[data-find="${id}"]`)?.value || "").trim().toLowerCase();
  const tag = document.querySelector(`[data-tag="${id}"]`)?.value || "";
  const rows = [...list.querySelectorAll("[data-row]")];
  for (const row of rows) {
    row.found ??= row.textContent.toLowerCase();
    const tagged = !tag || row.dataset.row.split("|").includes(tag);
    row.hidden = !(tagged && row.found.includes(text));
  }
  for (const group of list.querySelectorAll("tr.group")) {
    group.hidden = ![...group.parentElement.querySelectorAll("[data-row]")].some((row) => !row.hidden);
  }
  const output = document.querySelector(`[data-count="${id}"]`);
  const shown = rows.filter((row) => !row.hidden).length;
  output.textContent = shown === rows.length ? `${shown} ${output.dataset.what}` : `${shown} of ${rows.length} ${output.dataset.what}`;
}

// What a cell sorts by: its number, else its text.
function sortValue(row, column) {
  const text = row.cells[column].textContent.trim();
  const number = Number(text.replaceAll(",", ""));
  return text !== "" && Number.isFinite(number) ? number : text.toLowerCase();
}

// Numbers before words, each among their own kind.
function inOrder(one, other) {
  if (typeof one === typeof other) return typeof one === "number" ? one - other : one.localeCompare(other);
  return typeof one === "number" ? -1 : 1;
}

function sortBy(heading) {
  const table = heading.closest("table");
  const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
  for (const body of table.tBodies) {
    const rows = [...body.querySelectorAll("tr[data-row]")];
    const values = new Map(rows.map((row) => [row, sortValue(row, heading.cellIndex)]));
    rows.sort((one, other) => sign * inOrder(values.get(one), values.get(other)));
    body.append(...rows);
  }
}

// A link to a finding opens it.
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) {
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  }
}

for (const control of document.querySelectorAll(".filter")) control.hidden = false;
for (const control of document.querySelectorAll("[data-find], [data-tag]")) {
  const id = control.dataset.find || control.dataset.tag;
  control.addEventListener("input", () => narrow(id));
  narrow(id);
}
for (const heading of document.querySelectorAll("table.sortable thead th:not([data-unsorted])")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sortBy(heading));
  heading.append(button);
}
for (const [name, open] of [["open", true], ["close", false]]) {
  for (const button of document.querySelectorAll(`[data-${name}]`)) {
    button.addEventListener("click", () => {
      for (const block of document.querySelectorAll(`#${button.dataset[name]} details:not([hidden])`)) block.open = open;
    });
  }
}
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => {
  for (const block of document.querySelectorAll(".fold, .finding[data-row*=failing]")) block.open = true;
});
openTarget();
