"use strict";
(() => {
  const body = document.body;
  const live = document.getElementById("live");
  const ahead = Number(body.dataset.now) - Date.now();
  const two = n => String(n).padStart(2, "0");
  let stuck = null, shown = null, source, last = Date.now(), tried = last, lost = false;

  // Makes a node's children like the wanted ones and touches nothing that is the same: focus, open details and places of scrolling stay.
  const attributes = (have, want) => {
    for (const { name } of [...have.attributes]) {
      if (!want.hasAttribute(name) && !(name === "open" && have.nodeName === "DETAILS")) have.removeAttribute(name);
    }
    for (const { name, value } of want.attributes) {
      if (have.getAttribute(name) !== value) have.setAttribute(name, value);
    }
  };
  const morph = (from, to) => {
    let at = from.firstChild;
    for (const want of [...to.childNodes]) {
      let have = at;
      if (want.id && (!have || have.id !== want.id)) have = [...from.children].find(child => child.id === want.id);
      if (!have || have.nodeName !== want.nodeName || (have.id || "") !== (want.id || "")) {
        from.insertBefore(want, at);
        continue;
      }
      if (have === at) at = at.nextSibling; else from.insertBefore(have, at);
      if (have.nodeType !== 1) {
        if (have.data !== want.data) have.data = want.data;
        continue;
      }
      const ticks = have.dataset.at && have.dataset.at === want.dataset.at;
      attributes(have, want);
      if (!ticks) morph(have, want);
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  };

  const ago = ms => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 60) return s + " s ago";
    if (s < 3600) return Math.floor(s / 60) + " min " + two(s % 60) + " s ago";
    if (s < 172800) return Math.floor(s / 3600) + " h " + two(Math.floor(s % 3600 / 60)) + " min ago";
    return Math.floor(s / 86400) + " d ago";
  };
  const tick = () => {
    const now = Date.now() + ahead;
    for (const element of document.querySelectorAll("[data-at]")) {
      const text = ago(now - Number(element.dataset.at));
      if (element.textContent !== text) element.textContent = text;
    }
    // A connection that died without a word: a live page hears something each second.
    if (Date.now() - Math.max(last, tried) > 15000) {
      lose();
      connect();
    }
  };

  // One shard is looked at: the one under the pointer or the focus, else the one that was tapped.
  const pick = shard => {
    shown = shard;
    for (const element of document.querySelectorAll("[data-shard]")) element.classList.toggle("on", element.dataset.shard === shard);
    for (const ring of document.querySelectorAll(".ring")) ring.classList.toggle("picked", shard !== null && ring.querySelector(`.arc[data-shard="${shard}"]`) !== null);
  };
  const shardOf = node => node instanceof Element ? node.closest("[data-shard]")?.dataset.shard ?? null : null;
  const rest = () => shardOf(document.activeElement) ?? stuck;
  body.addEventListener("pointerover", e => { if (e.pointerType !== "touch") pick(shardOf(e.target) ?? rest()); });
  body.addEventListener("pointerleave", () => pick(rest()));
  body.addEventListener("focusin", e => pick(shardOf(e.target) ?? stuck));
  body.addEventListener("focusout", () => pick(stuck));
  body.addEventListener("click", e => {
    const shard = shardOf(e.target);
    if (e.target.closest("summary")) return;
    stuck = shard === stuck ? null : shard;
    pick(stuck);
  });
  body.addEventListener("keydown", e => {
    if (e.key === "Escape") {
      stuck = null;
      pick(null);
    }
  });

  const lose = () => {
    if (lost) return;
    lost = true;
    const at = new Date(last + ahead);
    live.textContent = `Not live since ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} UTC: what follows may be old. Trying again.`;
    live.hidden = false;
    body.classList.add("lost");
  };
  const gain = () => {
    last = Date.now();
    lost = false;
    live.hidden = true;
    body.classList.remove("lost");
  };
  const connect = () => {
    source?.close();
    tried = Date.now();
    source = new EventSource(body.dataset.live);
    source.onopen = gain;
    source.addEventListener("part", e => {
      gain();
      const { id, html } = JSON.parse(e.data);
      const part = document.getElementById(id);
      if (!part) return;
      const wanted = document.createElement("template");
      wanted.innerHTML = html;
      morph(part, wanted.content);
      tick();
      pick(shown);
    });
    source.onerror = e => {
      if (e.target !== source) return;
      if (source.readyState === EventSource.CLOSED) {
        // A refused connection is given up by the browser itself.
        lose();
        setTimeout(connect, 2000);
        return;
      }
      // Each stream ends some day, and the next one begins at once: told only if it does not.
      const ended = source;
      setTimeout(() => { if (ended === source && ended.readyState !== EventSource.OPEN) lose(); }, 2000);
    };
  };

  tick();
  setInterval(tick, 1000);
  addEventListener("offline", lose);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", e => { if (e.persisted) connect(); });
  connect();
})();
