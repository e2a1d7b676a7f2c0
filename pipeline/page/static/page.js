// What scripts add to pages that need none: forms that answer without a reload, and tables drawn as lines.
// Every number drawn is read from a table of the page, and everything is loaded from here, once it is needed.
"use strict";
(() => {
  const loaded = {};
  const load = name => loaded[name] ??= new Promise((done, failed) => {
    const script = Object.assign(document.createElement("script"), { src: `/static/${name}`, onload: done, onerror: failed });
    document.head.append(script);
  });

  // A form that asks for the page it is on: the answer takes the place of what is shown.
  // What is searched for as one types changes only what follows the form, so that nobody is interrupted.
  function refine(form) {
    const typed = form.getAttribute("role") === "search";
    const set = (name, value) => form.setAttribute(`hx-${name}`, value);
    set("get", form.getAttribute("action"));
    set("sync", "this:replace");
    set(typed ? "replace-url" : "push-url", "true");
    if (typed) {
      const found = document.createElement("div");
      found.id = "found";
      found.setAttribute("aria-live", "polite");
      while (form.nextSibling) found.append(form.nextSibling);
      form.after(found);
      set("trigger", "input changed delay:400ms from:find input");
      set("target", "#found");
      set("select", "#content > form ~ *");
      set("swap", "innerHTML");
    } else {
      set("trigger", "submit, change delay:200ms");
      set("target", "#content");
      set("select", "#content");
      set("swap", "outerHTML show:none");
    }
    htmx.process(form);
  }

  const read = cell => parseFloat(cell.textContent.replace(/[^\d.]/g, "")) || 0;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // By what `data-plot` says: of a table, the name of each point, its values, and what they are called.
  const tables = {
    week(table) {
      const hours = [...table.tHead.rows[0].cells].slice(1).map(cell => cell.textContent);
      const rows = [...table.tBodies[0].rows].map(row => [...row.cells]);
      const names = rows.flatMap(row => hours.map(hour => `${row[0].textContent} ${hour}:00`));
      return { what: " ", names, lines: [[table.dataset.line, rows.flatMap(row => row.slice(1).map(read))]], every: hours.length,
        marks: rows.map(row => row[0].textContent) };
    },
    days(table) {
      const rows = [...table.tBodies[0].rows].reverse();
      const names = rows.map(row => row.cells[0].textContent.trim());
      const lines = [1, 3].map(column => [table.tHead.rows[0].cells[column].textContent, rows.map(row => read(row.cells[column]))]);
      if (table.dataset.budget) lines.push([table.dataset.line, rows.map(() => Number(table.dataset.budget))]);
      return { what: table.tHead.rows[0].cells[0].textContent, names, lines, every: 1, marks: names.map(name => name.slice(5)) };
    },
  };

  function draw(table) {
    const { what, names, lines, every, marks } = tables[table.dataset.plot](table);
    if (names.length < 2) return;
    const figure = document.createElement("figure");
    figure.className = "plot";
    figure.setAttribute("aria-hidden", "true"); // the table says it
    table.closest(".wide").before(figure);
    const axis = { stroke: () => colour("soft"), grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false } };
    const shades = ["accent", "soft", "high"];
    const options = {
      width: figure.clientWidth, height: 200, padding: [8, 24, 0, 0], cursor: { y: false, drag: { setScale: false } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] } },
      series: [{ label: what, value: (_, at) => names[at] ?? "" }, ...lines.map(([label], number) => ({
        label, stroke: () => colour(shades[number]), width: 2, dash: number === 2 ? [6, 4] : [],
        points: { show: every === 1 && number < 2, fill: () => colour("ground") },
      }))],
      axes: [{ ...axis, size: 28, splits: () => marks.map((_, number) => number * every),
        values: (_, at) => at.map(one => marks[one / every] ?? "") }, axis],
    };
    const plot = new uPlot(options, [names.map((_, number) => number), ...lines.map(([, values]) => values)], figure);
    new ResizeObserver(() => {
      if (!figure.isConnected) return;
      if (Math.abs(figure.clientWidth - plot.width) > 1) plot.setSize({ width: figure.clientWidth, height: options.height });
    }).observe(figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false));
  }

  async function improve(root) {
    const forms = [...root.querySelectorAll("main form[method=get]:not([hx-get])")];
    const plots = [...root.querySelectorAll("table[data-plot]:not([data-drawn])")];
    for (const table of plots) table.dataset.drawn = "begun";
    if (forms.length) await load("htmx.min.js").then(() => forms.forEach(refine));
    if (plots.length) await load("uplot.min.js").then(() => plots.forEach(table => {
      draw(table);
      table.dataset.drawn = "done";
    }));
  }

  document.addEventListener("htmx:afterSettle", () => improve(document));
  for (const kind of ["htmx:responseError", "htmx:sendError"]) { // the browser shows what was answered instead
    document.addEventListener(kind, event => location.assign(event.detail.pathInfo.finalRequestPath));
  }
  addEventListener("load", () => improve(document)); // htmx begins by itself only where the page is complete
})();
