"use strict";
// What the pages do better with a script: the reader's own zone, lists without end, keys, live progress. All of them work without it.

document.documentElement.classList.add("scripted");

const language = document.documentElement.lang || "en";
const zoned = new Intl.DateTimeFormat(language, {dateStyle: "medium", timeStyle: "short"});

function tellTimes(root) {
  for (const each of root.querySelectorAll("time[datetime]")) {
    const when = new Date(each.dateTime);
    if (Number.isNaN(when.getTime()) || each.dataset.told) continue;
    each.dataset.told = "yes";
    const utc = each.textContent;
    if (when.getTimezoneOffset() === 0) continue;
    each.title = utc;
    each.textContent = `${zoned.format(when)} (${utc})`;
  }
}
tellTimes(document);

// The language changes as soon as it is chosen.
const chooser = document.querySelector(".language select");
if (chooser) chooser.addEventListener("change", () => chooser.form.requestSubmit());

// Lists without end: when the link to what follows comes into sight, what it leads to is put in its place.
function follow(list) {
  const link = document.querySelector("a[data-next]");
  if (!link) return;
  const seen = new IntersectionObserver((found) => {
    if (!found.some((each) => each.isIntersecting)) return;
    seen.disconnect();
    const asked = new XMLHttpRequest();
    asked.open("GET", link.href);
    asked.responseType = "document"; // parsed by the browser as a page of ours, without running anything
    asked.onload = () => {
      const more = asked.response && asked.response.querySelector("[data-endless]");
      if (asked.status !== 200 || !more) return;
      tellTimes(more);
      list.append(...[...more.children].map((each) => document.adoptNode(each)));
      const next = asked.response.querySelector("a[data-next]");
      if (next) { link.href = next.href; follow(list); } else link.parentElement.remove();
    };
    asked.send();
  }, {rootMargin: "600px"});
  seen.observe(link);
}
const endless = document.querySelector("[data-endless]");
if (endless) follow(endless);

// Keys: / goes to the search box; arrows walk through hits and posts.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const box = document.getElementById("q") || document.getElementById("quick");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...document.querySelectorAll(".hit h2 a, .post-link")];
  const at = links.indexOf(document.activeElement);
  if (!links.length || (at < 0 && event.target.id !== "q")) return;
  const next = event.key === "ArrowDown" ? links[at + 1] : links[at - 1] || document.getElementById("q");
  if (next) { event.preventDefault(); next.focus(); }
});

// Live progress of a job.
const job = document.getElementById("job");
if (job) {
  const words = JSON.parse(job.dataset.words);
  const bar = job.querySelector("progress");
  const events = new EventSource(job.dataset.events);
  events.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    job.querySelector("[data-stage]").textContent = words[told.stage] || told.stage;
    if (told.total) { bar.max = told.total; bar.value = told.done; } else bar.removeAttribute("value");
  });
  events.addEventListener("end", () => { events.close(); location.reload(); });
}

// Uploads: how far they are; files can be dropped on the form.
for (const form of document.querySelectorAll("form.drop")) {
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress");
  const stop = (event) => { event.preventDefault(); form.classList.toggle("over", event.type === "dragover"); };
  form.addEventListener("dragover", stop);
  form.addEventListener("dragleave", stop);
  form.addEventListener("drop", (event) => {
    stop(event);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sent = new XMLHttpRequest();
    sent.open("POST", form.action);
    sent.responseType = "document";
    sent.upload.onprogress = (told) => { bar.hidden = false; if (told.lengthComputable) { bar.max = told.total; bar.value = told.loaded; } };
    sent.onload = () => {
      if (sent.status === 200) { location.assign(sent.responseURL); return; }
      const why = sent.response && sent.response.querySelector(".notice");
      show(form, why ? why.textContent : String(sent.status));
    };
    sent.onerror = () => show(form, "–");
    sent.send(new FormData(form));
  });
}
function show(form, text) {
  let place = form.querySelector("[role=alert]");
  if (!place) { place = document.createElement("p"); place.setAttribute("role", "alert"); place.className = "notice bad"; form.append(place); }
  place.textContent = text;
}
