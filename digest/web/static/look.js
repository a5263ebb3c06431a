// The preview beside the form of the look: shown anew after each change of the form, and a picker beside each colour.

const DELAY = 400; // ms after the last key
const form = document.querySelector("#look-form");
const button = document.querySelector("[data-show]");

// A new frame leaves the history of the page alone.
function show() {
  const frame = document.querySelector("iframe[name=look-frame]");
  frame.replaceWith(frame.cloneNode());
  button.click();
}

let timer = 0;
function showSoon() {
  clearTimeout(timer);
  timer = setTimeout(show, DELAY);
}

// The selects of the preview belong to the form too, and are outside of it.
for (const field of form.elements) {
  if (field.type === "submit" || field.type === "hidden" || field.name === "size") continue;
  field.addEventListener(field.matches("select, [type=file], [type=radio], [type=checkbox]") ? "change" : "input", showSoon);
}

for (const text of document.querySelectorAll("[data-colour]")) {
  const picker = document.createElement("input");
  picker.type = "color";
  picker.setAttribute("aria-label", text.labels[0].textContent);
  const follow = () => {
    picker.value = /^#[0-9a-f]{6}$/i.test(text.value) ? text.value : text.dataset.colour;
  };
  follow();
  text.addEventListener("input", follow);
  picker.addEventListener("input", () => {
    text.value = picker.value;
    text.dispatchEvent(new Event("input"));
  });
  text.after(picker);
}

show();
