// Elements are made here, and nowhere from text: what comes from the store is only ever the text of a node.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (null and false leave one out) and children: nodes or text. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** As `h`, for SVG. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** A table with its columns' headings; the first cell of a row heads it. `quiet` hides the caption where a heading says the same. */
export function table(caption, columns, rows, attributes = {}, quiet = false) {
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.number && "number" }, column.number ?? column)));
  const body = rows.map((cells) => h("tr", {}, cells.map((cell, index) => {
    const heads = index === 0;
    return h(heads ? "th" : "td", { scope: heads ? "row" : null, class: columns[index].number && "number" }, cell);
  })));
  return h("table", attributes, h("caption", { class: quiet && "hidden" }, caption), h("thead", {}, head), h("tbody", {}, body));
}

/** Puts new children into a container. Focus, and whether details are open, stay with the elements of the same `data-key`. */
export function replace(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const open = new Map([...container.querySelectorAll("details")].map((details) => [details.dataset.key, details.open]));
  container.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  for (const element of container.querySelectorAll("[data-key]")) {
    if (element.tagName === "DETAILS" && open.has(element.dataset.key)) element.open = open.get(element.dataset.key);
    if (focused && element.dataset.key === focused) element.focus();
  }
}

/** Makes a select's options those of `choices`, [value, text] each, and keeps what is chosen. Untouched where nothing changed. */
export function choose(select, choices, chosen) {
  const signature = JSON.stringify(choices);
  if (select.dataset.choices !== signature) {
    select.dataset.choices = signature;
    select.replaceChildren(...choices.map(([value, text]) => h("option", { value }, text)));
  }
  select.value = chosen;
}
