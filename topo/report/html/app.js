"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const say = (node, text) => { node.textContent = text; };
  const count = (n) => n.toLocaleString("en-US");

  /* theme */
  const themeButton = document.getElementById("theme");
  const setTheme = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    themeButton.setAttribute("aria-pressed", String(dark));
    document.dispatchEvent(new Event("theme"));
  };
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  themeButton.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));

  /* drawings: one at a time, made when first looked at */
  class Drawings {
    constructor(article, pictures) {
      this.pictures = pictures;
      this.sheet = article.querySelector(".sheet");
      this.figure = article.querySelector(".paper");
      this.caption = article.querySelector(".view-title");
      this.buttons = [...article.querySelectorAll("[data-view]")];
      this.drawn = new Map();
      const first = this.sheet.querySelector("svg");
      if (first) this.drawn.set(0, first);
      this.now = 0;
      this.query = "";
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
    show(i) {
      if (!this.drawn.has(i)) {
        const parsed = new DOMParser().parseFromString(this.pictures[i].svg, "image/svg+xml");
        this.drawn.set(i, document.importNode(parsed.documentElement, true));
      }
      this.now = i;
      this.sheet.replaceChildren(this.drawn.get(i));
      this.buttons.forEach((b, k) => b.setAttribute("aria-pressed", String(k === i)));
      this.zoom.reset();
      this.describe();
      this.mark(this.query);
    }
    /* marks the boxes of the shown drawing whose name holds the query, and tells how many */
    mark(query) {
      this.query = query;
      let hits = 0;
      for (const g of this.sheet.querySelectorAll("g.node")) {
        const title = g.querySelector("title");
        const name = title ? title.textContent : "";
        const plain = !/^(text|ground|legend|the page)\b/.test(name);
        const hit = query !== "" && plain && name.toLowerCase().includes(query);
        g.classList.toggle("hit", hit);
        hits += hit;
      }
      return hits;
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
      axes: [{ ...axis, label: "share of the link's speed" }, { ...axis, label: "links", size: 70 }],
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
  class Cables {
    constructor(article, columns, onPick) {
      this.columns = columns;
      this.host = article.querySelector(".cable-table");
      this.status = article.querySelector(".count");
      this.rows = rowsOf(columns);
      this.texts = columns.filter((c) => !c.number).map((c) => c.title);
      this.query = "";
      const label = (title) => title.replaceAll("_", " ");
      const filter = (title) => ({ headerFilter: "input", headerFilterParams: { elementAttributes: { "aria-label": `filter ${label(title)}` } } });
      const text = (cell) => document.createTextNode(cell.getValue() === undefined ? "" : String(cell.getValue()));
      const exact = (wanted, value) => String(value) === wanted.trim();
      this.table = new Tabulator(this.host, {
        data: this.rows, height: 560, index: "row", renderVertical: "virtual", selectableRows: 1, layout: "fitDataFill",
        placeholder: "no cable matches",
        columns: [
          { title: "row", field: "row", sorter: "number", hozAlign: "right", formatter: text, frozen: true, headerFilterFunc: exact, ...filter("row") },
          ...columns.map((c) => ({
            title: label(c.title), field: c.title, sorter: c.number ? "number" : "string", formatter: text,
            hozAlign: c.number ? "right" : "left", ...filter(c.title), ...(c.number ? { headerFilterFunc: exact } : {}),
          })),
        ],
      });
      this.ready = new Promise((done) => this.table.on("tableBuilt", () => { this.tidyRoles(); done(); }));
      this.table.on("dataFiltered", (filters, rows) => say(this.status, `${count(rows.length)} of ${count(this.rows.length)} rows`));
      this.table.on("rowSelected", (row) => onPick(row.getData()));
    }
    /* the focusable holder of the rows takes the role of the row group, so that the grid's children are as ARIA wants */
    tidyRoles() {
      this.host.removeAttribute("aria-owns");
      this.host.setAttribute("aria-label", "Cables");
      this.host.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
      this.host.querySelector(".tabulator-table").setAttribute("role", "none");
    }
    matches(row) {
      if (String(row.row) === this.query) return true;
      return this.texts.some((t) => row[t].toLowerCase().includes(this.query));
    }
    async find(query) {
      await this.ready;
      this.query = query.replaceAll(",", "");
      if (this.query === "") { this.table.clearFilter(false); return this.rows.length; }
      this.table.setFilter((row) => this.matches(row));
      return this.table.getDataCount("active");
    }
  }

  const all = [...document.querySelectorAll("article")].map((article) => {
    const page = data.pages[Number(article.dataset.page)];
    const drawings = article.querySelector(".sheet") ? new Drawings(article, page.pictures) : null;
    const pick = (row) => { if (drawings) drawings.mark(row.a_device.toLowerCase()) || drawings.mark(row.b_device.toLowerCase()); };
    const cables = article.querySelector(".cable-table") ? new Cables(article, page.cables, pick) : null;
    const charts = [...article.querySelectorAll(".chart")];
    let made = [];
    const plot = () => { made.forEach((u) => u.destroy()); made = charts.map((host) => chart(host, page.loads[Number(host.dataset.chart)])); };
    plot();
    document.addEventListener("theme", plot);
    return { drawings, cables };
  });

  /* find: filters every cable table and marks boxes of the drawings */
  const input = document.getElementById("find");
  const found = document.getElementById("found");
  let waiting = 0;
  const find = async () => {
    const query = input.value.trim().toLowerCase();
    let rows = 0, boxes = 0;
    for (const { drawings, cables } of all) {
      if (cables) rows += await cables.find(query);
      if (drawings) boxes += drawings.mark(query);
    }
    say(found, query === "" ? "" : `cable rows: ${count(rows)}; boxes marked in the drawing: ${count(boxes)}`);
  };
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 150); });
  Promise.all(all.map(({ cables }) => (cables ? cables.ready : null))).then(() => { root.dataset.ready = "yes"; });
})();
