// The map on the form, loaded when it is opened. The tree beside it stays what is sent: a click here ticks a box there.
const STEP_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SIDEWAYS = 2; // how much less a country to the side counts than one straight ahead

// `setChosen(slug, chosen)` ticks a region. Returns a function that shows on the map what is chosen.
export async function openMap(map, form, setChosen) {
  const response = await fetch(map.dataset.map);
  if (!response.ok) throw new Error(response.statusText);
  const drawing = new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement;
  const svg = map.querySelector(".world-map").appendChild(document.importNode(drawing, true));
  const shapes = [...svg.querySelectorAll("[data-slug]")];
  const shapeOf = new Map(shapes.map((shape) => [shape.dataset.slug, shape]));
  const caption = map.querySelector("[data-map-caption]");
  const level = map.querySelector("[data-map-level]");
  const view = map.querySelector("[data-map-view]");
  // The first place of a country in the tree is below its continent; groups come after them.
  const items = new Map();
  for (const item of form.querySelectorAll("[data-regions] li")) {
    const slug = item.querySelector("input").value;
    items.set(slug, [...(items.get(slug) || []), item]);
  }
  const boxOf = (item) => item.querySelector("input");
  const isChosen = (slug) => (items.get(slug) || []).some((item) => boxOf(item).checked);
  const isLit = (slug) => (items.get(slug) || []).some((item) => boxOf(item).checked || item.classList.contains("included"));

  // The region that a click on a country chooses: the country, the part of its continent, or its continent.
  function targetOf(slug) {
    const way = [];
    for (let item = (items.get(slug) || [])[0]; item; item = item.parentElement.closest("li")) way.unshift(item);
    const item = { country: way.at(-1), part: way[1], continent: way[0] }[level.value] || way.at(-1);
    return item && { slug: boxOf(item).value, name: item.dataset.name, item };
  }

  function countriesIn(item) {
    return [...item.querySelectorAll("input[name=regions]")].map((box) => shapeOf.get(box.value)).filter(Boolean);
  }

  function aim(target) {
    const aimed = new Set(target ? countriesIn(target.item) : []);
    for (const shape of shapes) shape.classList.toggle("aimed", aimed.has(shape));
  }

  function describe(shape) {
    const target = targetOf(shape.dataset.slug);
    aim(target);
    const name = shape.getAttribute("aria-label");
    caption.textContent = !target || target.name === name ? name : `${name} · ${target.name}`;
  }

  function choose(shape) {
    const target = targetOf(shape.dataset.slug);
    if (!target) return;
    const isIncluded = isLit(target.slug) && !isChosen(target.slug);
    if (!isIncluded) setChosen(target.slug, !isChosen(target.slug));
    describe(shape);
    if (isIncluded) caption.textContent += `: ${map.dataset.included}`;
  }

  function moveTo(shape) {
    for (const other of shapes) other.tabIndex = other === shape ? 0 : -1;
    shape.focus();
  }

  function neighbour(shape, [right, down]) {
    const at = (other) => other.dataset.at.split(" ").map(Number);
    const [x, y] = at(shape);
    let best = null;
    let least = Infinity;
    for (const other of shapes) {
      const [otherX, otherY] = at(other);
      const ahead = (otherX - x) * right + (otherY - y) * down;
      const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * right);
      if (ahead > 0 && ahead + SIDEWAYS * aside < least) {
        best = other;
        least = ahead + SIDEWAYS * aside;
      }
    }
    return best;
  }

  svg.addEventListener("pointerover", (event) => {
    if (event.target.dataset.slug) describe(event.target);
  });
  svg.addEventListener("pointerleave", () => {
    aim(null);
    caption.textContent = "";
  });
  svg.addEventListener("focusin", (event) => describe(event.target));
  svg.addEventListener("click", (event) => {
    if (!event.target.dataset.slug) return;
    moveTo(event.target);
    choose(event.target);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.key === " " || event.key === "Enter") choose(event.target);
    else if (STEP_KEYS[event.key]) moveTo(neighbour(event.target, STEP_KEYS[event.key]) || event.target);
    else return;
    event.preventDefault();
  });
  view.addEventListener("change", () => svg.setAttribute("viewBox", view.value));
  level.addEventListener("change", () => aim(null));
  for (const event of ["pointerover", "focusin"]) {
    form.querySelector("[data-regions]").addEventListener(event, ({ target }) => {
      const item = target.closest("li");
      if (item) aim({ item });
    });
  }

  const first = shapes.find((shape) => isLit(shape.dataset.slug)) || shapes[0];
  first.tabIndex = 0;
  return () => {
    for (const shape of shapes) {
      const lit = isLit(shape.dataset.slug);
      shape.classList.toggle("lit", lit);
      shape.setAttribute("aria-checked", lit);
    }
  };
}
