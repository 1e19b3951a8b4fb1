// A file dropped on its field is chosen as if it had been picked; without this script the field works as it is.
for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    place.classList.add("over");
  };
  place.addEventListener("dragenter", over);
  place.addEventListener("dragover", over);
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    place.classList.remove("over");
    const files = [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1);
    if (!files.length) return;
    event.preventDefault();
    const one = new DataTransfer();
    files.forEach((file) => one.items.add(file));
    input.files = one.files;
    input.focus();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
