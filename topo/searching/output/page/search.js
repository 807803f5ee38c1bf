"use strict";
(async () => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const setTheme = (dark) => { root.dataset.theme = dark ? "dark" : "light"; button.setAttribute("aria-pressed", String(dark)); };
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  button.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));

  const node = document.getElementById("data");
  const bytes = Uint8Array.from(atob(node.textContent.trim()), (c) => c.charCodeAt(0));
  const data = JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text());
  const chart = document.getElementById("chart");
  const told = document.getElementById("told");
  const selects = { x: document.getElementById("x"), y: document.getElementById("y") };
  const W = 860, H = 460, L = 96, R = 28, T = 20, B = 64;
  const colours = { front: "#005a8f", held: "#14683f", open: "#9aa4ad", refuted: "#c98a86" };
  const names = { front: "front, proved", held: "holds", open: "costs no less", refuted: "refuted" };
  const title = (name) => { const a = data.axes[name]; return a.unit ? `${a.title} (${a.unit})` : a.title; };
  const tick = (v) => Math.abs(v) >= 1e6 ? `${(v / 1e6).toLocaleString("en-US", { maximumSignificantDigits: 4 })} M`
    : (v + 0).toLocaleString("en-US", { maximumFractionDigits: 4 });
  const make = (tag, attributes, text) => {
    const found = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    if (text !== undefined) found.textContent = text;
    return found;
  };
  const scale = (values) => {
    const low = Math.min(...values), high = Math.max(...values);
    const room = 0.05 * (high - low) || 0.05 * Math.abs(high) || 1;
    return [low - room, high + room];
  };
  const ticks = ([low, high]) => {
    const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const found = [];
    for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push(k * step);
    return found;
  };
  const farthest = (points, name) => {
    const most = Math.max(0, ...points.filter((p) => p.kind === "front").map((p) => p.values[name]));
    return most > 0 && !data.axes[name].more ? data.far * most : Infinity;
  };
  const draw = () => {
    const [x, y] = [selects.x.value, selects.y.value];
    const every = data.points.filter((p) => x in p.values && y in p.values);
    const far = Object.fromEntries([x, y].map((name) => [name, farthest(every, name)]));
    const shown = every.filter((p) => p.values[x] <= far[x] && p.values[y] <= far[y]);
    const count = (some) => some.reduce((n, p) => n + p.n, 0);
    const svg = make("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${title(y)} against ${title(x)}` });
    if (!shown.length) { told.textContent = "No candidate has both figures."; chart.replaceChildren(svg); return; }
    const xs = scale(shown.map((p) => p.values[x])), ys = scale(shown.map((p) => p.values[y]));
    const px = (v) => L + (v - xs[0]) / (xs[1] - xs[0]) * (W - L - R);
    const py = (v) => H - B - (v - ys[0]) / (ys[1] - ys[0]) * (H - T - B);
    for (const v of ticks(xs)) {
      svg.append(make("path", { d: `M${px(v)} ${T}V${H - B}`, stroke: "#e3e7ea" }));
      svg.append(make("text", { x: px(v), y: H - B + 18, "text-anchor": "middle", fill: "#505a64" }, tick(v)));
    }
    for (const v of ticks(ys)) {
      svg.append(make("path", { d: `M${L} ${py(v)}H${W - R}`, stroke: "#e3e7ea" }));
      svg.append(make("text", { x: L - 8, y: py(v) + 4, "text-anchor": "end", fill: "#505a64" }, tick(v)));
    }
    svg.append(make("text", { x: (L + W - R) / 2, y: H - 26, "text-anchor": "middle", fill: "#1b1f24" }, title(x)));
    svg.append(make("text", { transform: `translate(20 ${(T + H - B) / 2}) rotate(-90)`, "text-anchor": "middle", fill: "#1b1f24" }, title(y)));
    let at = L;
    for (const [kind, name] of Object.entries(names)) {
      if (!shown.some((p) => p.kind === kind)) continue;
      svg.append(make("circle", { cx: at + 5, cy: H - 9, r: 4, fill: colours[kind] }));
      svg.append(make("text", { x: at + 14, y: H - 5, fill: "#505a64" }, name));
      at += 34 + 7 * name.length;
    }
    if (every.length > shown.length) svg.append(make("text", { x: W - R, y: H - 5, "text-anchor": "end", fill: "#505a64" }, `${(count(every) - count(shown)).toLocaleString("en-US")} candidates lie beyond`));
    const best = shown.filter((p) => p.kind === "front").sort((a, b) => a.values[x] - b.values[x] || a.values[y] - b.values[y]);
    if (best.length > 1) svg.append(make("path", { d: "M" + best.map((p) => `${px(p.values[x])} ${py(p.values[y])}`).join("L"), fill: "none", stroke: colours.front, "stroke-width": 2 }));
    for (const kind of ["refuted", "open", "held", "front"]) {
      for (const p of shown.filter((q) => q.kind === kind)) {
        const circle = make("circle", { cx: px(p.values[x]), cy: py(p.values[y]), r: kind === "front" ? 6 : 3.5, fill: colours[kind], "fill-opacity": kind === "front" ? 1 : 0.55, "data-i": "1" });
        const words = `${p.label}${p.n > 1 ? ` and ${p.n - 1} alike` : ""}: ${names[kind]}; ${title(x)} ${tick(p.values[x])}, ${title(y)} ${tick(p.values[y])}`;
        circle.append(make("title", {}, words));
        circle.addEventListener("click", () => { told.textContent = words; });
        if (p.report) {
          const link = make("a", { href: p.report, "aria-label": words });
          link.append(circle);
          svg.append(link);
        } else svg.append(circle);
      }
    }
    chart.replaceChildren(svg);
  };
  for (const [key, select] of Object.entries(selects)) {
    for (const name of Object.keys(data.axes)) {
      if (!data.points.some((p) => name in p.values)) continue;
      const option = document.createElement("option");
      option.value = name; option.textContent = title(name); option.selected = name === data[key];
      select.append(option);
    }
    select.addEventListener("change", draw);
  }
  document.getElementById("axes").hidden = false;
  draw();
})();
