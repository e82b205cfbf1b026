"""Style and script of the report page."""

STYLE = """
:root { color-scheme: light dark; --silent: #d4222a; --doubted: #e07b00; --missing: #b0279b;
  --flagged: #1f78d1; --right: #1f9d4d; --unasked: #888; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 110rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: .2rem 0; } h4 { font-size: .9rem; margin: .8rem 0 .2rem; }
small, .note { font-weight: normal; opacity: .75; }
table { border-collapse: collapse; } td, th { padding: .12rem .5rem; text-align: left; vertical-align: top; }
.figures td { text-align: right; font-variant-numeric: tabular-nums; }
.figures th, .figures td { border-bottom: 1px solid #8884; }
.switches { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; position: sticky; top: 0; z-index: 2;
  background: Canvas; padding: .6rem 0; border-bottom: 1px solid #8886; }
.switches label { white-space: nowrap; border-bottom: 3px solid transparent; }
article { border-top: 1px solid #8886; padding: 1.2rem 0; }
article.one { display: grid; grid-template-columns: minmax(0, 3fr) minmax(22rem, 2fr); gap: 0 1.2rem; }
article.one > h2, article.one > p { grid-column: 1 / -1; }
figure { margin: 0; } article.one figure { position: sticky; top: 3.5rem; align-self: start; }
.picture { position: relative; } .picture img { width: 100%; display: block; }
.picture svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.engines { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
.lines { width: 100%; font-size: .88rem; table-layout: fixed; }
.lines td { overflow-wrap: anywhere; } .lines td:first-child { width: 5.5rem; }
.lines td.count { width: 1.6rem; } .lines td:last-child { width: 7rem; }
.lines tr[data-box] { cursor: pointer; }
.lines tr:hover { background: #8883; } .lines q { opacity: .7; } .count { text-align: right; }
.remarks { margin: .2rem 0; padding-left: 1.1rem; font-size: .88rem; } .error { color: var(--silent); }
div.silent h4 { color: var(--silent); } div.doubted h4 { color: var(--doubted); }
div.missing h4 { color: var(--missing); } div.flagged h4 { color: var(--flagged); }
summary { font-size: .9rem; margin-top: .8rem; cursor: pointer; }
label.silent { border-color: var(--silent); } label.doubted { border-color: var(--doubted); }
label.flagged { border-color: var(--flagged); } label.right { border-color: var(--right); }
label.unasked { border-color: var(--unasked); }
.layer { display: none; } .layer.shown { display: inline; }
rect { fill: transparent; stroke-width: 2px; vector-effect: non-scaling-stroke; }
rect.silent { stroke: var(--silent); } rect.doubted { stroke: var(--doubted); }
rect.flagged { stroke: var(--flagged); } rect.right { stroke: var(--right); }
rect.unasked { stroke: var(--unasked); stroke-dasharray: 4 3; }
rect.hidden { display: none; } rect.lit { display: inline; stroke-width: 5px; fill: #ff02; }
@media (max-width: 60rem) { article.one { display: block; } article.one figure { position: static; } }
"""

SCRIPT = """
const all = (query, root = document) => [...root.querySelectorAll(query)];
const form = document.querySelector(".switches");
function update() {
  const engine = form.querySelector("[name=engine]:checked")?.value ?? "0";
  all(".layer").forEach(layer => layer.classList.toggle("shown", layer.dataset.engine === engine));
  for (const box of all("[name=boxes]", form))
    all("rect." + box.value).forEach(rect => rect.classList.toggle("hidden", !box.checked));
}
all("[name=boxes]", form).forEach(box => { box.checked = true; });
const first = form.querySelector("[name=engine]");
if (first) first.checked = true;
form.addEventListener("change", update);
for (const row of all("tr[data-box]")) {
  const rect = document.getElementById(row.dataset.box);
  if (!rect) continue;  // a picture that could not be shown
  const light = on => {
    rect.classList.toggle("lit", on);
    rect.parentNode.style.display = on ? "inline" : "";
  };
  row.addEventListener("mouseenter", () => light(true));
  row.addEventListener("mouseleave", () => light(false));
  row.addEventListener("click", () => rect.scrollIntoView({ block: "center", behavior: "smooth" }));
}
update();
"""
