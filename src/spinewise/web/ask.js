// Turns the plain page into a live chat over POST /api/v1/ask. Builds no answer: the server's HTML is shown as it comes.
// The talk is kept in this tab's sessionStorage, from the first question on and until "Clear this talk".
(() => {
  "use strict";
  const KEY = "spinewise";
  const root = document.documentElement;
  const given = new URLSearchParams(location.hash.slice(1));
  const host = window.parent !== window ? given.get("host") : null; // the origin of the page that holds the widget
  if (/^(light|dark)$/.test(given.get("theme"))) root.classList.add(given.get("theme"));
  if (/^#[0-9a-f]{6}$/.test(given.get("accent"))) root.style.setProperty("--accent", given.get("accent"));
  root.classList.add("live");
  if (host) root.classList.add("framed");

  const tell = (type, more) => { if (host) window.parent.postMessage({ spinewise: type, ...more }, host); };
  const stored = {
    get() { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } },
    set(value) { try { sessionStorage.setItem(KEY, JSON.stringify(value)); } catch { /* a browser that keeps nothing */ } },
    drop() { try { sessionStorage.removeItem(KEY); } catch { /* the same */ } },
  };

  document.addEventListener("DOMContentLoaded", () => {
    const by = (id) => document.getElementById(id);
    const [form, box, talk, alert, urgent, status, country, language] =
      ["sw-form", "sw-box", "sw-talk", "sw-alert", "sw-urgent", "sw-status", "sw-country", "sw-lang"].map(by);
    const address = () => by("sw-clear").getAttribute("href") + location.hash; // this page, in its language
    const waiting = by("sw-busy"); // no live region: only the finished answer is announced
    const fields = () => [...form.querySelectorAll("input[name=turn]")];
    let busy = false;
    let first = talk.innerHTML; // what an empty talk shows
    let round = 0; // a reply that comes after the talk was cleared is not shown

    const save = () => stored.set({
      turns: fields().map((field) => field.value), country: country.value, lang: language.value, alert: alert.innerHTML, talk: talk.innerHTML,
      urgent: urgent.innerHTML,
    });
    const keep = (text) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "turn", value: text });
      form.insertBefore(field, form.querySelector("label"));
    };
    const warn = (html) => { if (alert.innerHTML !== html) alert.innerHTML = html; }; // unchanged, it is not announced again
    const call = async (turns) => {
      const response = await fetch("/api/v1/ask", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ turns, country: country.value, lang: language.value, html: true }),
      });
      return { ok: response.ok, status: response.status, reply: await response.json() };
    };

    async function ask(text) {
      if (busy || !text.trim()) return;
      busy = true;
      const mine = round;
      by("sw-start")?.remove();
      const said = document.createElement("div");
      said.className = "sw-said";
      said.dir = "auto";
      said.textContent = text;
      talk.append(said);
      box.value = "";
      status.textContent = "";
      waiting.hidden = false;
      tell("asked");
      try {
        const turns = [...fields().map((field) => field.value), text];
        let { ok, status: code, reply } = await call(turns);
        if (code === 413 && !reply.html) { // too long a talk is refused unread: the last message is screened by itself
          const alone = await call([text]);
          if (alone.reply.html?.alert) ({ ok, reply } = alone);
        }
        if (mine !== round) return;
        if (reply.html?.alert || ok) warn(reply.html.alert);
        if (!ok) throw new Refused(reply.message || `${reply.error}. ${reply.hint}.`);
        keep(text);
        talk.insertAdjacentHTML("beforeend", reply.html.talk);
        save();
        const top = said.getBoundingClientRect().top + scrollY - (alert.offsetHeight || 0) - 8;
        scrollTo(0, reply.html.alert ? 0 : top); // not scrollIntoView, which would move the page around the frame too
        tell("answered", { kind: reply.kind });
        if (reply.html.alert) tell("alert", { level: reply.care.level });
      } catch (error) {
        if (mine !== round) return;
        said.remove();
        box.value ||= text;
        const refused = error instanceof Refused;
        status.textContent = refused ? error.message : status.dataset.unreachable;
        if (!refused) urgent.firstElementChild.open = true;
        tell("error");
      } finally {
        busy = false;
        waiting.hidden = true;
      }
    }
    class Refused extends Error {}

    function clear() {
      round += 1;
      stored.drop();
      fields().forEach((field) => field.remove());
      alert.textContent = status.textContent = box.value = "";
      talk.innerHTML = first;
      tell("reset");
    }

    async function renumber() { // the chosen country's numbers, as the page without scripts would show them
      try {
        const response = await fetch("/ask", { method: "POST", body: new URLSearchParams(new FormData(form)) });
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const open = urgent.firstElementChild.open;
        urgent.innerHTML = page.getElementById("sw-urgent").innerHTML;
        urgent.firstElementChild.open = open;
        warn(page.getElementById("sw-alert").innerHTML);
        if (fields().length) save();
      } catch {
        status.textContent = status.dataset.old;
      }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pick = event.submitter?.name === "pick";
      ask(pick ? event.submitter.value : box.value);
      if (pick) box.focus({ preventScroll: true });
    });
    talk.addEventListener("submit", (event) => { // a verdict on an answer: the page stays, and the form thanks
      const judged = event.target;
      if (!judged.dataset.thanks) return;
      event.preventDefault();
      const body = new FormData(judged, event.submitter);
      const thanks = document.createElement("p");
      thanks.setAttribute("role", "status");
      thanks.textContent = judged.dataset.thanks;
      fetch("/feedback", { method: "POST", body: new URLSearchParams(body) }).then((response) => {
        if (response.ok) { judged.closest("details").replaceWith(thanks); save(); } else tell("error");
      }, () => tell("error"));
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      ask(box.value);
    });
    country.addEventListener("change", renumber);
    language.addEventListener("change", () => { // the page itself comes anew, with the talk
      if (!fields().length) return location.assign(`/ask?lang=${language.value}${location.hash}`);
      form.action = "/ask" + location.hash;
      box.value = "";
      form.submit();
    });
    by("sw-clear").addEventListener("click", (event) => {
      event.preventDefault();
      clear();
      history.replaceState(null, "", address());
      box.focus({ preventScroll: true });
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") tell("close"); });
    window.addEventListener("message", (event) => {
      if (!host || event.source !== window.parent || event.origin !== host) return;
      const { spinewise: type, question } = event.data || {};
      if (type === "ask" && typeof question === "string") ask(question);
      if (type === "fill" && typeof question === "string") box.value = question;
      if (type === "focus") box.focus({ preventScroll: true });
      if (type === "reset") clear();
    });

    const before = stored.get();
    if (fields().length) { // asked before the script ran: what was in the address goes out of it
      first = "";
      history.replaceState(null, "", address());
      save();
    } else if (before?.turns?.length) {
      before.turns.forEach(keep);
      country.value = before.country;
      alert.innerHTML = before.alert;
      talk.innerHTML = before.talk;
      if (before.lang === language.value) urgent.innerHTML = before.urgent;
    }
    tell("ready");
  });
})();
