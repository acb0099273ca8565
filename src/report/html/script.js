(() => {
  const find = document.getElementById("find");
  const box = document.getElementById("words");
  const only = document.getElementById("only");
  const found = document.getElementById("found");
  const total = Number(found.dataset.entries);
  const groups = [...document.querySelectorAll(".group")].map((at) => ({ at, open: at.open }));
  const filters = ["declaration", "importer", "client", "rule", "day", "dollars"].map((id) => document.getElementById(id));
  const [declaration, importer, client, rule, day, dollars] = filters;
  const sort = document.getElementById("sort");
  const fold = (text) => text.toLowerCase().replace(/[-\u00ad\u2010-\u2015\u2212]/g, "");
  const days = (from, to) => (Date.parse(to) - Date.parse(from)) / 86400000;
  const MOST = 500;
  // A group's rows are in lists of so many.
  const PART = 250;
  let rows = null;
  let sorted = null;
  let searching = false;
  // What is asked of a row is read off its cells, once.
  const read = (entry) => {
    const [number, rules, place, owner, last, duty] = (entry.querySelector(".row") ?? entry).children;
    const money = duty.textContent.replace(/[^0-9.-]/g, "");
    return {
      entry,
      text: fold(entry.textContent),
      verdict: entry.parentNode.dataset.verdict,
      number: number.textContent,
      rules: rules.textContent.split(/[ ,;:]+/),
      declaration: place.className === "file" ? place.textContent : place.textContent.slice(0, place.textContent.lastIndexOf(":")),
      importer: owner.firstChild?.nodeValue.trimEnd() ?? "",
      client: owner.querySelector("u")?.textContent ?? "",
      day: last.textContent.slice(0, 10),
      duty: money === "" ? null : Number(money),
    };
  };
  const readAll = () => {
    // A page that shows the rows in view only puts in the others now.
    find.dispatchEvent(new Event("rows"));
    return [...document.querySelectorAll(".entries > li")].map(read);
  };
  const inTime = (row) => {
    if (day.value === "") return true;
    if (day.value === "none") return row.day === "";
    if (row.day === "") return false;
    const left = days(day.dataset.today, row.day);
    return day.value === "past" ? left < 0 : left >= 0 && left <= Number(day.value);
  };
  const search = () => {
    rows ??= readAll();
    sorted ??= rows;
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    const verdict = only.value;
    const least = dollars.value === "" ? null : Number(dollars.value);
    const active = words.length > 0 || verdict !== "" || filters.some((filter) => filter && filter.value !== "");
    const hits = sorted.filter(
      (row) =>
        (verdict === "" || row.verdict === verdict) &&
        (!declaration || declaration.value === "" || row.declaration === declaration.value) &&
        (!importer || importer.value === "" || row.importer === importer.value) &&
        (!client || client.value === "" || row.client === (client.value === " " ? "" : client.value)) &&
        (rule.value === "" || row.rules.includes(rule.value)) &&
        (least === null || (row.duty !== null && row.duty >= least)) &&
        inTime(row) &&
        words.every((word) => row.text.includes(word)),
    );
    let cut = false;
    for (const group of groups) {
      if (active && !searching) group.open = group.at.open;
      const lists = [...group.at.querySelectorAll(".entries")];
      const all = hits.filter((row) => row.verdict === lists[0].dataset.verdict);
      // Only what is in the page is laid out, and thousands of hits are too many to read.
      const shown = active ? all.slice(0, MOST) : all;
      cut ||= shown.length < all.length;
      for (const [n, list] of lists.entries()) {
        list.replaceChildren(...shown.slice(n * PART, (n + 1) * PART).map((row) => row.entry));
        list.hidden = list.firstChild === null;
      }
      group.at.hidden = all.length === 0;
      group.at.open = active ? all.length > 0 : group.open;
    }
    searching = active;
    found.textContent = active
      ? `${hits.length.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} entries${cut ? `, the first ${MOST} of each verdict are shown` : ""}`
      : `${total.toLocaleString("en-US")} entries`;
  };
  const order = () => {
    rows ??= readAll();
    const by = {
      day: (a, b) => (a.day === "") - (b.day === "") || a.day.localeCompare(b.day),
      duty: (a, b) => (b.duty ?? -1) - (a.duty ?? -1),
      entry: (a, b) => a.number.localeCompare(b.number),
    }[sort.value];
    sorted = by ? [...rows].sort(by) : rows;
    search();
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 60);
  };
  box.addEventListener("input", soon);
  for (const filter of [only, ...filters]) filter?.addEventListener(filter === dollars ? "input" : "change", soon);
  sort.addEventListener("change", order);
  find.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  for (const link of document.querySelectorAll("a[data-words]")) {
    link.addEventListener("click", () => {
      box.value = "";
      only.value = "";
      for (const filter of filters) if (filter) filter.value = "";
      rule.value = link.dataset.words;
      if (rule.value !== link.dataset.words) {
        rule.value = "";
        box.value = link.dataset.words;
      }
      search();
    });
  }
  // Not a listener more: in a page that shows one report after the other, it would keep them all.
  document.onkeydown = (event) => {
    if (event.key === "/" && event.target === document.body) {
      event.preventDefault();
      box.focus();
    }
  };
  find.hidden = false;
  found.textContent = `${total.toLocaleString("en-US")} entries`;
})();
