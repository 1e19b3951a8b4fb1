// Signs what is shown with a passkey, then sends the form: pages that do not ask for it work without.
import { encode, post, readable, sendable } from "./passkeys.js";

for (const box of window.PublicKeyCredential ? document.querySelectorAll("[data-sign]") : []) {
  const button = box.querySelector("button");
  const message = box.querySelector("[data-message]");
  const form = box.closest("form");
  box.hidden = false;
  button.addEventListener("click", async () => {
    message.textContent = "";
    button.disabled = true;
    try {
      const { options } = await post(box.dataset.sign, { saved: form.elements._saved.value });
      const credential = await navigator.credentials.get({ publicKey: readable(options) });
      form.elements._device.value = encode(new TextEncoder().encode(JSON.stringify(sendable(credential))));
      form.submit();
    } catch (error) {
      message.textContent = error.name === "Error" && error.message ? error.message : box.dataset.failed;
      button.disabled = false;
    }
  });
}
