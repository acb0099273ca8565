(() => {
  const find = document.getElementById("find");
  const box = document.getElementById("words");
  const only = document.getElementById("only");
  const found = document.getElementById("found");
  const entries = [...document.querySelectorAll(".entries > .entry")];
  const groups = [...document.querySelectorAll(".group")].map((at) => ({ at, open: at.open }));
  const fold = (text) => text.toLowerCase().replace(/[-\u00ad\u2010-\u2015\u2212]/g, "");
  let texts = null;
  let searching = false;
  const search = () => {
    texts ??= entries.map((entry) => fold(entry.textContent));
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    const verdict = only.value;
    const active = words.length > 0 || verdict !== "";
    let count = 0;
    entries.forEach((entry, at) => {
      const hit = (verdict === "" || entry.dataset.verdict === verdict) && words.every((word) => texts[at].includes(word));
      if (entry.hidden === hit) entry.hidden = !hit;
      if (hit) count += 1;
    });
    for (const group of groups) {
      if (active && !searching) group.open = group.at.open;
      const any = group.at.querySelector(".entries > .entry:not([hidden])") !== null;
      group.at.hidden = !any;
      group.at.open = active ? any : group.open;
    }
    searching = active;
    found.textContent = active
      ? `${count.toLocaleString("en-US")} of ${entries.length.toLocaleString("en-US")} entries`
      : `${entries.length.toLocaleString("en-US")} entries`;
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 60);
  };
  box.addEventListener("input", soon);
  only.addEventListener("change", search);
  find.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  for (const link of document.querySelectorAll("a[data-words]")) {
    link.addEventListener("click", () => {
      box.value = link.dataset.words;
      only.value = "";
      search();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target === document.body) {
      event.preventDefault();
      box.focus();
    }
  });
  find.hidden = false;
  found.textContent = `${entries.length.toLocaleString("en-US")} entries`;
})();
