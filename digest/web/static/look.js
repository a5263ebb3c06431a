// The preview beside the form of the look: shown anew after each change of the form, and a picker beside each colour.
"use strict";

{
  const DELAY = 400; // ms after the last key
  const form = document.querySelector("#look-form");
  const showButton = document.querySelector("[data-show]");

  // A new frame leaves the history of the page alone.
  const show = () => {
    const frame = document.querySelector("iframe[name=look-frame]");
    frame.replaceWith(frame.cloneNode());
    showButton.click();
  };

  let timer = 0;
  let isUnsaved = false;
  const showSoon = (event) => {
    isUnsaved ||= form.contains(event.target);
    clearTimeout(timer);
    timer = setTimeout(show, DELAY);
  };

  // The browser asks before another page, such as the form of another language, would lose what was typed.
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget) isUnsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });

  // The selects of the preview belong to the form too, and stand outside of it.
  const isChosen = "select, [type=file], [type=radio], [type=checkbox]";
  for (const field of form.elements) {
    if (field.matches("fieldset, button, [type=hidden], [name=size]")) continue;
    field.addEventListener(field.matches(isChosen) ? "change" : "input", showSoon);
  }

  for (const field of document.querySelectorAll("[data-colour]")) {
    const picker = document.createElement("input");
    picker.type = "color";
    picker.setAttribute("aria-label", field.labels[0].textContent);
    const follow = () => {
      picker.value = /^#[0-9a-f]{6}$/i.test(field.value) ? field.value : field.dataset.colour;
    };
    follow();
    field.addEventListener("input", follow);
    picker.addEventListener("input", () => {
      field.value = picker.value;
      field.dispatchEvent(new Event("input"));
    });
    field.after(picker);
  }

  show();
}
