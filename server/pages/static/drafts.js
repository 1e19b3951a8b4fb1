// What is typed in an act's form is kept some seconds after the last key; without this script a button does it.
const form = document.querySelector("form[data-draft]");
const said = document.querySelector("[data-draft-status]");
const WAIT = 2000;
let timer;
let sending = false;
let again = false;

async function keep() {
  if (sending) { again = true; return; }
  sending = true;
  try {
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new Error(String(answer.status));
    const { saved_at: at } = await answer.json();
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    said.textContent = said.dataset.kept.replace("{time}", time);
  } catch {
    said.textContent = said.dataset.failed;
  }
  sending = false;
  if (again) { again = false; later(); }
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, WAIT);
}

if (form && said) {
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => clearTimeout(timer));
}
