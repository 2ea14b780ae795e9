"use strict";
const all = (query, within = document) => [...within.querySelectorAll(query)];
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const percent = (share) => (share === null ? "no data" : (100 * share).toFixed(1) + "%");
all(".controls").forEach((group) => { group.hidden = false; });

/* a page that was given no address has the one that it is opened at */
const root = new URL(document.body.dataset.root, location.href).href;
all("[data-address]").forEach((text) => {
  const { address } = text.dataset;
  text.textContent = text.textContent.replace(address, () => root + address);
});

/* copy, in place of selecting by hand */
all("button[data-copy]").forEach((button) => button.addEventListener("click", async () => {
  const text = document.getElementById(button.dataset.copy).textContent.trim();
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    button.textContent = "Selected: copy it";
  }
  setTimeout(() => { button.textContent = said; }, 2000);
}));

/* filters, search and order of the claims */
let only = null;
const rows = all("tr[data-verdict]");
const search = document.getElementById("search");
function filter() {
  const words = search ? search.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
  const fits = (element, text) => (only === null || element.dataset.verdict === only) && words.every((word) => text.includes(word));
  all("button[data-only]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.only === only)));
  rows.forEach((row) => { row.hidden = !fits(row, row.textContent.toLowerCase()); });
  const shown = new Set(rows.filter((row) => !row.hidden).map((row) => row.dataset.claim));
  all("mark").forEach((mark) => mark.classList.toggle("off", rows.length ? !shown.has(mark.dataset.claim) : only !== null && mark.dataset.verdict !== only));
  const said = document.getElementById("found");
  if (said) said.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} claims shown`;
}
all("button[data-only]").forEach((button) => button.addEventListener("click", () => {
  only = only === button.dataset.only ? null : button.dataset.only;
  filter();
}));
if (search) search.addEventListener("input", filter);
all("button[data-sort]").forEach((button) => button.addEventListener("click", () => {
  const head = button.closest("th");
  const falls = head.getAttribute("aria-sort") === "ascending";
  all("th[aria-sort]").forEach((other) => other.setAttribute("aria-sort", "none"));
  head.setAttribute("aria-sort", falls ? "descending" : "ascending");
  const place = (row) => Number(row.dataset[button.dataset.sort]);
  const body = rows[0].parentElement;
  [...rows].sort((a, b) => (falls ? -1 : 1) * (place(a) - place(b))).forEach((row) => body.append(row));
}));

/* a marked sentence says its verdict where it stands */
const tip = document.getElementById("tip");
if (tip) {
  let shown = null;
  const hide = () => { tip.hidden = true; shown = null; };
  const show = (mark) => {
    const row = document.getElementById(mark.dataset.row);
    const answer = row && row.querySelector("[data-short]");
    if (!answer) return;
    shown = mark;
    tip.querySelector(".badge").textContent = mark.dataset.verdict;
    tip.firstElementChild.className = mark.dataset.verdict.replaceAll(" ", "-");
    const slid = document.getElementById("day");  // what was found is that of the last day
    tip.querySelector("p").textContent = slid && slid.value !== slid.max ? "" : answer.dataset.short;
    tip.querySelector("a").href = mark.querySelector("a").getAttribute("href");
    tip.hidden = false;
    const box = mark.getClientRects()[0];
    const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${mark.getBoundingClientRect().bottom + scrollY + 4}px`;
  };
  let touched = false;
  let waits = 0;
  addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (!event.target.closest("mark, #tip")) hide();
  });
  all("mark").forEach((mark) => {
    mark.addEventListener("mouseenter", () => { clearTimeout(waits); show(mark); });
    mark.addEventListener("mouseleave", () => { waits = setTimeout(hide, 300); });
    mark.addEventListener("focusin", () => show(mark));
    mark.addEventListener("click", (event) => { if (touched) { event.preventDefault(); show(mark); } });
  });
  tip.addEventListener("mouseenter", () => clearTimeout(waits));
  tip.addEventListener("mouseleave", hide);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && shown) hide(); });
}

/* verdicts of a sweep by day */
const slider = document.getElementById("day");
if (slider) {
  const days = read("days");
  slider.addEventListener("input", () => {
    const { day, verdict } = days[slider.value];
    document.getElementById("day-shown").textContent = day;
    slider.setAttribute("aria-valuetext", day);
    for (const [claim, word] of Object.entries(verdict)) {
      const kind = word.replaceAll(" ", "-");
      all(`mark[data-claim="${claim}"]`).forEach((mark) => { mark.className = kind; mark.dataset.verdict = word; });
      all(`a[data-badge="${claim}"]`).forEach((badge) => { badge.className = "badge " + kind; badge.textContent = `${claim} ${word}`; });
    }
    filter();
  });
}

/* a button that is pressed or not; says which */
const switched = (button) => {
  const pressed = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(pressed));
  return pressed;
};

/* lines of a chart that can be taken out */
all("button[data-series]").forEach((button) => button.addEventListener("click", () => {
  const shown = switched(button);
  all(`[data-of="${button.dataset.series}"]`, button.closest("figure")).forEach((part) => part.toggleAttribute("hidden", !shown));
}));

/* how many models count */
all("figure[data-share]").forEach((figure) => {
  const data = read(figure.dataset.share);
  const [slide, said, svg] = ["input", "output", "svg"].map((name) => figure.querySelector(name));
  const line = svg.querySelector(".top");
  const cursor = svg.querySelector(".cursor");
  const x = (week) => 46 + (week * 324) / (data.weeks.length - 1);
  const path = (values) => values.map((v, i) => (v === null ? "" : `${i && values[i - 1] !== null ? "L" : "M"}${x(i).toFixed(1)} ${(270 - 250 * v).toFixed(1)}${i && values[i - 1] !== null ? "" : "h0"}`)).join("");
  const apart = (y, other) => (Math.abs(y - other) >= 16 ? y : other + (y <= other ? -16 : 16));
  const tell = () => {
    const n = slide.value;
    const values = data.top[n];
    const last = values.findLastIndex((v) => v !== null);
    line.setAttribute("d", path(values));
    const name = svg.querySelector(".top-name");
    name.textContent = `${n} biggest`;
    if (last >= 0) name.setAttribute("y", apart(275 - 250 * values[last], Number(svg.querySelector(".all-name").getAttribute("y"))));
    said.dataset.share = data.pooled[n];
    said.textContent = `In the last ${data.count} full weeks, Chinese models had ${percent(data.pooled[n])} of the tokens of each week's ${n} biggest models, and ${percent(data.pooled_all)} of all tokens.`;
  };
  slide.addEventListener("input", tell);
  let week = data.weeks.length - 1;
  const point = (to) => {
    week = Math.min(Math.max(to, 0), data.weeks.length - 1);
    cursor.setAttribute("d", `M${x(week).toFixed(1)} 20V270`);
    figure.querySelector(".read").textContent = `Week of ${data.weeks[week]}: ${slide.value} biggest ${percent(data.top[slide.value][week])}, all models ${percent(data.all[week])}.`;
  };
  const weekOf = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.round(((((event.clientX - box.left) / box.width) * 480 - 46) / 324) * (data.weeks.length - 1));
  };
  svg.addEventListener("pointermove", (event) => point(weekOf(event)));
  svg.addEventListener("pointerdown", (event) => point(weekOf(event)));
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); point(week + step); }
  });
  svg.setAttribute("tabindex", "0");
});

/* the mix of tokens */
all("figure[data-prices]").forEach((figure) => {
  const data = read(figure.dataset.prices);
  const [ratio, cached] = all("input", figure);
  const [shownRatio, shownCached] = all("label output", figure);
  const said = figure.querySelector("output.said");
  const dots = figure.querySelector(".dots");
  const left = new Set();
  const place = (times) => 10 + 460 * Math.min(Math.max(Math.log(times / 0.2) / Math.log(1000), 0), 1);
  const cost = ([, prompt, cache, completion], mix) => prompt * mix[0] + cache * mix[1] + completion * mix[2];
  const tell = () => {
    const r = ratio.dataset.moved ? 0.25 * 400 ** (ratio.value / 100) : data.ratio;
    const c = Number(cached.value) / 100;
    const part = r / (1 + r);
    const mix = [part * (1 - c), part * c, 1 - part];
    const [us, cn] = [data.us, data.cn].map((side) => side.filter(([name]) => !left.has(name)));
    const pairs = us.flatMap((us) => cn.map((cn) => [us[0], cn[0], cost(us, mix) / cost(cn, mix)])).filter((pair) => isFinite(pair[2]));
    const sorted = pairs.map((pair) => pair[2]).sort((a, b) => a - b);
    const middle = sorted.length / 2;
    const median = sorted.length < data.least ? null : (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
    shownRatio.textContent = r.toPrecision(2);
    shownCached.textContent = `${Math.round(100 * c)}%`;
    ratio.setAttribute("aria-valuetext", `${r.toPrecision(2)} prompt tokens for each completion token`);
    dots.replaceChildren(...pairs.map(([us, cn, times]) => {
      const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      for (const [name, value] of Object.entries({ cx: place(times).toFixed(1), cy: 40, r: 5 })) dot.setAttribute(name, value);
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = `${us} costs ${times.toFixed(1)} times ${cn}`;
      dot.append(title);
      return dot;
    }));
    figure.querySelector(".middle").setAttribute("d", median === null ? "" : `M${place(median).toFixed(1)} 22V58`);
    Object.assign(said.dataset, { ratio: r, cached: c, median });
    const without = left.size ? ` Left out: ${[...left].join(", ")}.` : "";
    said.textContent = (median === null ? `Fewer than ${data.least} pairs: too few for a median.` : `A US flagship costs ${median.toFixed(1)} times its Chinese counterpart, the median of ${sorted.length} pairs.`) + without;
  };
  all("button[data-flagship]", figure).forEach((button) => button.addEventListener("click", () => {
    if (switched(button)) left.delete(button.dataset.flagship);
    else left.add(button.dataset.flagship);
    tell();
  }));
  [ratio, cached].forEach((slide) => slide.addEventListener("input", () => { slide.dataset.moved = "yes"; tell(); }));
  tell();
});
