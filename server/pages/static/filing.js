// What the checks would say of this step, asked a moment after the last change; saving says the same without this script.
const form = document.querySelector("form[data-findings]");
const live = document.querySelector("[data-live]");
const WAIT = 700;
let waiting;
let asked = 0;
let known;

function sentence(count) {
  if (count === 0) return live.dataset.none;
  return count === 1 ? live.dataset.one : live.dataset.many.replace("{n}", count);
}

function show(notes) {
  let count = 0;
  for (const box of form.querySelectorAll("[data-notes]")) {
    const html = notes[box.dataset.notes] ?? "";
    if (html) count += 1;
    if (box.innerHTML !== html) box.innerHTML = html;
  }
  if (known !== undefined && known !== count) live.textContent = sentence(count);
  known = count;
}

async function ask() {
  const turn = ++asked;
  const body = new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "_pick"));
  const answer = await fetch(form.dataset.findings, { method: "POST", credentials: "same-origin", body }).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { notes, errors } = await answer.json();
  if (Object.keys(errors).length === 0) show(notes);
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, WAIT);
}

form?.addEventListener("input", later);
form?.addEventListener("change", later);
