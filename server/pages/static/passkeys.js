// Passkeys: asks the server for options, the browser for an answer, the server for its verdict. Pages work without it.
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
export const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export async function post(address, body) {
  const token = document.querySelector("meta[name=csrf]")?.content ?? "";
  const answer = await fetch(address, {
    method: "POST", credentials: "same-origin", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token },
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.detail);
  return content;
}

export function readable(options) {
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: decode(one.id) }));
  const read = { ...options, challenge: decode(options.challenge) };
  if (options.user) read.user = { ...options.user, id: decode(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = named(options.allowCredentials);
  return read;
}

export function sendable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response };
}

async function run(box) {
  const { passkey: kind, options, verify, next } = box.dataset;
  const publicKey = readable((await post(options, {})).options);
  const credential = kind === "create"
    ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const name = box.querySelector("input")?.value ?? "";
  return (await post(verify, { credential: sendable(credential), name, next })).next;
}

for (const box of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const button = box.querySelector("button");
  const message = box.querySelector("[data-message]");
  box.hidden = false;
  button.addEventListener("click", async () => {
    message.textContent = "";
    button.disabled = true;
    try {
      const next = await run(box);
      if (next === location.pathname) location.reload(); else location.assign(next);
    } catch (error) {
      message.textContent = error.name === "Error" && error.message ? error.message : box.dataset.failed;
      button.disabled = false;
    }
  });
}
