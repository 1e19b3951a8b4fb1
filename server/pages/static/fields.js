// Rows of a group, added and removed at once; without this script the same buttons send the form.
const next = (rows, group) => 1 + Math.max(-1, ...[...rows.children].map((row) => Number(row.dataset.row.slice(group.length + 1))));

function renumber(node, from, to) {
  const walked = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT);
  for (let one = walked.currentNode; one; one = walked.nextNode()) {
    for (const attribute of one.attributes ?? []) {
      if (attribute.value.includes(from)) attribute.value = attribute.value.replaceAll(from, to);
    }
    if (one.localName === "template") renumber(one.content, from, to);
  }
}

function counted(rows) {
  [...rows.children].forEach((row, index) => { row.querySelector("[data-count]").textContent = index + 1; });
}

function changed(node) {
  node.dispatchEvent(new Event("change", { bubbles: true }));
}

function add(group) {
  const template = group.querySelector(":scope > template");
  const rows = group.querySelector(":scope > .group-rows");
  const name = group.dataset.group;
  const made = template.content.cloneNode(true);
  renumber(made, `${name}/${template.dataset.number}`, `${name}/${next(rows, name)}`);
  const row = made.firstElementChild;
  rows.append(made);
  counted(rows);
  row.querySelector("input:not([type=hidden]), select, textarea").focus();
}

function remove(row) {
  const rows = row.parentElement;
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  const group = row.closest("[data-group]");
  row.remove();
  counted(rows);
  (beside ?? group).focus();
  changed(group);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add], [data-remove]");
  if (!button) return;
  event.preventDefault();
  if (button.hasAttribute("data-add")) add(button.closest("[data-group]"));
  else remove(button.closest("[data-row]"));
});
