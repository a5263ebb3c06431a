// Passkeys: a form with data-passkey="get" or "create" asks the browser for a passkey, then sends itself with the answer.
// Buttons of forms with "get" stay hidden where the browser has no passkeys; the other ways to sign in need no script.
"use strict";

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readOptions(options) {
  const read = { ...options, challenge: decode(options.challenge) };
  if (options.user) read.user = { ...options.user, id: decode(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    read[list] = (options[list] || []).map((item) => ({ ...item, id: decode(item.id) }));
  }
  return read;
}

function writeAnswer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id, rawId: encode(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function askForPasskey(form) {
  const publicKey = readOptions(JSON.parse(form.dataset.options));
  const alert = form.querySelector("[role=alert]");
  alert.textContent = "";
  try {
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.querySelector("input[type=hidden][data-answer], input[name=passkey]").value = writeAnswer(credential);
    form.submit();
  } catch (error) {
    alert.textContent = form.dataset.error;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      askForPasskey(form);
    });
  }
}
