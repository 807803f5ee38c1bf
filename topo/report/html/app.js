"use strict";
(() => {
  const root = document.documentElement;
  const say = (node, text) => { node.textContent = text; };
  const count = (n) => n.toLocaleString("en-US");
  /* data stands in the page as base64 of deflated JSON */
  const unpack = async (id) => {
    const node = document.getElementById(id);
    const bytes = Uint8Array.from(atob(node.textContent.trim()), (c) => c.charCodeAt(0));
    node.textContent = "";
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text());
  };

  /* theme */
  const themeButton = document.getElementById("theme");
  const setTheme = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    themeButton.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new Event("theme"));
  };
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  /* paper is light: what is drawn in the theme's colours is drawn again */
  for (const [event, on] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => { root.toggleAttribute("data-print", on); document.dispatchEvent(new Event("theme")); });
  }
  themeButton.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));

  /* drawings: one at a time, made when first looked at */
  class Drawings {
    constructor(article, pictures, devices) {
      this.pictures = pictures;
      this.devices = devices.map((name) => name.toLowerCase());
      this.row = new Map(this.devices.map((name, i) => [name, i]));
      this.sheet = article.querySelector(".sheet");
      this.figure = article.querySelector(".paper");
      this.caption = article.querySelector(".view-title");
      this.buttons = [...article.querySelectorAll("[data-view]")];
      this.drawn = new Map();
      const first = this.sheet.querySelector("svg");
      if (first) this.drawn.set(0, first);
      this.now = 0;
      this.query = "";
      this.wanted = new Uint8Array(devices.length);
      this.describe();
      this.buttons.forEach((b, i) => b.addEventListener("click", () => this.show(i)));
      this.zoom = Panzoom(this.sheet, { maxScale: 40, minScale: 0.5, canvas: true, animate: false });
      this.figure.addEventListener("wheel", (e) => { if (e.ctrlKey || e.metaKey) { e.preventDefault(); this.zoom.zoomWithWheel(e); } }, { passive: false });
      article.querySelectorAll("[data-zoom]").forEach((b) => b.addEventListener("click", () => {
        if (b.dataset.zoom === "in") this.zoom.zoomIn({ step: 0.6 });
        else if (b.dataset.zoom === "out") this.zoom.zoomOut({ step: 0.6 });
        else this.zoom.reset();
      }));
      this.figure.addEventListener("keydown", (e) => {
        const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
        if (moves[e.key]) { e.preventDefault(); this.zoom.pan(...moves[e.key], { relative: true }); }
        else if (e.key === "+") this.zoom.zoomIn();
        else if (e.key === "-") this.zoom.zoomOut();
        else if (e.key === "0") this.zoom.reset();
      });
    }
    describe() {
      const picture = this.pictures[this.now];
      const svg = this.drawn.get(this.now);
      if (!picture || !svg) return;
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${picture.view}: ${picture.title}`);
      say(this.caption, `${picture.view}: ${picture.title}`);
    }
    picture(i) {
      if (!this.drawn.has(i)) {
        const parsed = new DOMParser().parseFromString(this.pictures[i].svg, "image/svg+xml");
        this.drawn.set(i, document.importNode(parsed.documentElement, true));
      }
      return this.drawn.get(i);
    }
    /* paper has room for all drawings, one below the other; the screen is put back after printing */
    lay() {
      this.laid ??= this.pictures.map((picture, i) => {
        const figure = document.createElement("figure"), caption = document.createElement("figcaption"), sheet = document.createElement("div");
        figure.className = "paper print-only";
        sheet.className = "sheet";
        say(caption, `${picture.view}: ${picture.title}`);
        sheet.append(this.picture(i).cloneNode(true));
        figure.append(caption, sheet);
        return figure;
      });
      this.figure.after(...this.laid);
    }
    lift() {
      (this.laid ?? []).forEach((figure) => figure.remove());
      this.laid = null;
    }
    show(i) {
      this.now = i;
      this.sheet.replaceChildren(this.picture(i));
      this.buttons.forEach((b, k) => b.setAttribute("aria-pressed", String(k === i)));
      this.zoom.reset();
      this.describe();
      this.paint();
    }
    /* marks the boxes that hold a device whose name has the query in it, or one of `ends`, and boxes called like the
       query; tells [view, boxes] of each drawing that has any */
    mark(query, ends = []) {
      this.query = query;
      this.devices.forEach((name, i) => { this.wanted[i] = query !== "" && name.includes(query) ? 1 : 0; });
      for (const name of ends) if (this.row.has(name.toLowerCase())) this.wanted[this.row.get(name.toLowerCase())] = 1;
      this.some = this.wanted.includes(1);
      this.paint();
      return this.pictures.map((p) => [p.view, this.hits(p)]).filter(([, n]) => n > 0);
    }
    holds(runs) {
      for (let r = 0; r < runs.length; r += 3) {
        for (let k = 0, i = runs[r]; k < runs[r + 1]; k++, i += runs[r + 2]) if (this.wanted[i]) return true;
      }
      return false;
    }
    hits(picture) {
      return this.some ? Object.values(picture.holds).filter((runs) => this.holds(runs)).length : 0;
    }
    paint() {
      const picture = this.pictures[this.now];
      if (!picture) return;
      for (const g of this.sheet.querySelectorAll("g.node")) {
        const title = g.querySelector("title");
        const name = title ? title.textContent : "";
        const plain = !/^(text|ground|legend|the page)\b/.test(name);
        const runs = picture.holds[name];
        const hit = plain && (runs ? Boolean(this.some) && this.holds(runs) : this.query !== "" && name.toLowerCase().includes(this.query));
        g.classList.toggle("hit", hit);
      }
    }
    /* goes to a drawing that has a marked box and brings it to the middle; the next one each time */
    reveal() {
      const all = () => [...this.sheet.querySelectorAll("g.node.hit")];
      if (!all().length) {
        const other = this.pictures.findIndex((p) => this.hits(p) > 0);
        if (other < 0) return false;
        this.show(other);
      }
      this.zoom.reset();
      this.turn = ((this.turn ?? -1) + 1) % all().length;
      const box = all()[this.turn].getBoundingClientRect(), frame = this.figure.getBoundingClientRect();
      this.zoom.zoom(Math.min(6, Math.max(1, frame.width / (8 * box.width))));
      this.zoom.pan(frame.left + frame.width / 2 - box.left - box.width / 2, frame.top + frame.height / 2 - box.top - box.height / 2);
      this.figure.scrollIntoView({ block: "center" });
      this.figure.focus({ preventScroll: true });
      return true;
    }
  }

  /* histograms of link loads */
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
  const chart = (host, table) => {
    const ink = getComputedStyle(root).getPropertyValue("--ink").trim();
    const line = getComputedStyle(root).getPropertyValue("--line").trim();
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
    const series = table.routings.map((name, i) => ({
      label: name, stroke: COLOURS[i], fill: COLOURS[i] + "99", width: 1, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.8 / table.routings.length, 40], disp: { x0: { unit: 1, values: (u, s) => u.data[0].map((x, k, xs) => x + (i / table.routings.length) * (xs.length > 1 ? xs[1] - xs[0] : 1)) }, size: { unit: 1, values: (u) => u.data[0].map((x, k, xs) => 0.9 * (xs.length > 1 ? xs[1] - xs[0] : 1) / table.routings.length) } } }),
    }));
    return new uPlot({
      width: Math.max(host.clientWidth - 18, 320), height: 230, cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, range: (u, a, b) => [a - 0.05, b + 0.1] } },
      axes: [{ ...axis, label: "share of the link's speed" }, { ...axis, label: "links", size: (u, texts) => Math.max(70, ...(texts ?? []).map((t) => 24 + 7 * String(t).length)) }],
      series: [{ label: "from", value: (u, v) => (v == null ? "–" : v.toFixed(2)) }, ...series],
    }, [table.bins, ...table.counts], host);
  };

  /* the cable table: columns arrive as distinct values and codes */
  const rowsOf = (columns) => {
    const n = columns.length ? columns[0].codes.length : 0;
    const rows = new Array(n);
    for (let i = 0; i < n; i++) {
      const row = { row: i + 1 };
      for (const c of columns) { const v = c.values[c.codes[i]]; row[c.title] = c.number && v !== "" ? Number(v) : v; }
      rows[i] = row;
    }
    return rows;
  };
  let arriving = null;
  const cableData = () => (arriving ??= unpack("cables"));
  class Cables {
    constructor(article, index, onPick) {
      this.index = index;
      this.onPick = onPick;
      this.host = article.querySelector(".cable-table");
      this.status = article.querySelector(".count");
      this.query = "";
      this.rows = [];
      new IntersectionObserver((seen) => { if (seen.some((e) => e.isIntersecting)) this.make(); }, { rootMargin: "800px" }).observe(this.host);
    }
    /* the table is made when it comes near the screen, is searched, or the browser has nothing else to do */
    make() { return (this.made ??= this.build()); }
    async build() {
      const columns = (await cableData()).pages[this.index];
      this.rows = rowsOf(columns);
      this.texts = columns.filter((c) => !c.number).map((c) => c.title);
      const label = (title) => title.replaceAll("_", " ");
      const filter = (title) => ({ headerFilter: "input", headerFilterParams: { elementAttributes: { "aria-label": `filter ${label(title)}` } } });
      const text = (cell) => document.createTextNode(cell.getValue() === undefined ? "" : String(cell.getValue()));
      const exact = (wanted, value) => String(value) === wanted.trim();
      this.table = new Tabulator(this.host, {
        data: this.rows, height: 560, index: "row", renderVertical: "virtual", selectableRows: 1, layout: "fitDataFill",
        placeholder: "no cable matches",
        columns: [
          ...columns.map((c) => ({
            title: label(c.title), field: c.title, frozen: c.title === "cable_number", sorter: c.number ? "number" : "string", formatter: text,
            hozAlign: c.number ? "right" : "left", ...filter(c.title), ...(c.number ? { headerFilterFunc: exact } : {}),
          })),
        ],
      });
      this.table.on("dataFiltered", (filters, rows) => say(this.status, `${count(rows.length)} of ${count(this.rows.length)} rows`));
      this.table.on("rowSelected", (row) => this.onPick(row.getData()));
      await new Promise((done) => this.table.on("tableBuilt", done));
      this.tidyRoles();
    }
    /* the focusable holder of the rows takes the role of the row group, so that the grid's children are as ARIA wants;
       Enter on a heading sorts, once more turns the order round */
    tidyRoles() {
      this.host.removeAttribute("aria-owns");
      this.host.setAttribute("aria-label", "Cables");
      this.host.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
      this.host.querySelector(".tabulator-table").setAttribute("role", "none");
      for (const column of this.table.getColumns()) {
        const head = column.getElement();
        head.tabIndex = 0;
        head.addEventListener("keydown", (e) => {
          if (e.target !== head || (e.key !== "Enter" && e.key !== " ")) return;
          e.preventDefault();
          const [now] = this.table.getSorters();
          this.table.setSort(column.getField(), now && now.field === column.getField() && now.dir === "asc" ? "desc" : "asc");
        });
      }
    }
    matches(row) {
      if (this.whole) return this.lines(row).includes(this.query);
      return this.texts.some((t) => row[t].toLowerCase().includes(this.query)) || this.onLabel(row);
    }
    /* labels are read off cables: "rack-unit:port/rack-unit:port" from either end of the cable or of one of its segments
       at panels, and below it number, name and segment; a number alone is a cable's too */
    onLabel(row) { return this.mayBeLabel() && this.lines(row).some((line) => line.includes(this.query)); }
    mayBeLabel() { return /[-/: ]|^[0-9]+$/.test(this.query); }
    lines(row) { return (row.printed ??= printed(row)); }
    async find(query) {
      await this.make();
      this.query = /^[0-9,]+$/.test(query) ? query.replaceAll(",", "") : query;
      if (this.query === "") { this.table.clearFilter(false); return []; }
      /* a number or a whole line of a label is that cable, not also those whose labels begin alike */
      this.whole = this.mayBeLabel() && this.rows.some((row) => this.lines(row).includes(this.query));
      this.table.setFilter((row) => this.matches(row));
      return this.table.getData("active");
    }
  }
  const place = (rack, unit, device, port) => `${rack ? `${rack}-${String(unit).padStart(2, "0")}` : device}:${port}`;
  const printed = (row) => {
    const stops = [place(row.a_rack, row.a_ru, row.a_device, row.a_port), ...(row.panels ? row.panels.split(" ") : []),
      place(row.b_rack, row.b_ru, row.b_device, row.b_port)];
    const pieces = stops.slice(1).map((stop, i) => [`${stops[i]}/${stop}`, `${stop}/${stops[i]}`]).flat();
    const names = row.panels ? [1, 2, 3].map((n) => `${row.cable_number} ${row.cable} ${n}/3`) : [`${row.cable_number} ${row.cable}`];
    return [`${stops[0]}/${stops.at(-1)}`, `${stops.at(-1)}/${stops[0]}`, ...pieces, ...names, String(row.cable_number)].map((line) => line.toLowerCase());
  };
  const way = (c) => `cable ${count(c.cable_number)}${c.leg && c.leg !== "1/1" ? `, link ${c.leg}` : ""}: ${c.a_device} port ${c.a_port} → ${c.b_device} port ${c.b_port}` +
    (c.a_rack ? ` (rack ${c.a_rack} → rack ${c.b_rack})` : "") + (c.cable_part ? `, ${c.cable_part}` : "") + (c.length_m === undefined || c.length_m === "" ? "" : `, ${c.length_m} m`);

  const start = (data) => [...document.querySelectorAll("article")].map((article) => {
    const index = Number(article.dataset.page), page = data.pages[index];
    const drawings = article.querySelector(".sheet") ? new Drawings(article, page.pictures, page.devices) : null;
    const pick = (row) => { if (drawings) drawings.mark("", [row.a_device, row.b_device]); say(found, way(row)); };
    const cables = article.querySelector(".cable-table") ? new Cables(article, index, pick) : null;
    const charts = [...article.querySelectorAll(".chart")];
    let made = [];
    const plot = () => { made.forEach((u) => u.destroy()); made = charts.map((host) => chart(host, page.loads[Number(host.dataset.chart)])); };
    plot();
    document.addEventListener("theme", plot);
    return { article, drawings, cables };
  });

  /* find: filters every cable table and marks boxes of the drawings */
  const input = document.getElementById("find");
  const found = document.getElementById("found");
  const showDrawing = document.getElementById("to-drawing");
  const showTable = document.getElementById("to-table");
  let waiting = 0, all = [];
  const find = async () => {
    const query = input.value.trim().toLowerCase();
    const texts = [];
    let drawn = false, listed = false;
    for (const { drawings, cables } of all) {
      let ends = [], rows = [];
      if (cables) {
        rows = await cables.find(query);
        const told = cables.whole || rows.length === 1 ? rows : [];
        told.forEach((one) => { texts.push(way(one)); ends.push(one.a_device, one.b_device); });
        texts.push(`${count(rows.length)} cable row${rows.length === 1 ? "" : "s"}`);
        listed ||= rows.length > 0;
      }
      const views = drawings ? drawings.mark(query.replaceAll(",", ""), ends) : [];
      texts.push(views.length ? `marked in the drawings: ${views.map(([view, n]) => `${view} ${count(n)}`).join(", ")}` : "in no drawing");
      drawn ||= views.length > 0;
    }
    say(found, query === "" ? "" : texts.join(" · "));
    showDrawing.hidden = query === "" || !drawn;
    showTable.hidden = query === "" || !listed;
  };
  const reveal = () => all.some(({ drawings }) => drawings && drawings.reveal());
  showDrawing.addEventListener("click", reveal);
  showTable.addEventListener("click", () => {
    const { cables } = all.find((one) => one.cables && one.cables.table.getDataCount("active") > 0);
    cables.host.scrollIntoView({ block: "center" });
    cables.host.querySelector(".tabulator-tableholder").focus({ preventScroll: true });
  });
  input.addEventListener("keydown", (e) => { if (e.key === "Enter") { e.preventDefault(); reveal(); } });
  input.addEventListener("focus", () => all.forEach(({ cables }) => cables && cables.make()), { once: true });
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 150); });
  addEventListener("beforeprint", () => all.forEach(({ drawings }) => drawings && drawings.lay()));
  addEventListener("afterprint", () => all.forEach(({ drawings }) => drawings && drawings.lift()));
  unpack("data").then((data) => {
    all = start(data);
    root.dataset.ready = "yes";
    performance.mark("interactive");
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 200));
    idle(() => Promise.all(all.map(({ cables }) => cables && cables.make())).then(() => {
      root.dataset.cables = "yes";
      performance.mark("cables");
    }), { timeout: 3000 });
  });
})();
