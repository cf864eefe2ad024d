// Shows the guide on another site's page: a button, and on the first open a frame with the server's /ask. Before that it
// loads and stores nothing. Knows no answer; what the reader types never leaves the frame.
(() => {
  "use strict";
  const VERSION = "{{version}}", NAME = "{{site}}", DEFAULT = "{{default}}", WORDS = {{words}};
  const queue = Array.isArray(window.Spinewise) ? window.Spinewise : [];
  if (window.Spinewise?.version) return; // twice on a page is once
  const script = document.currentScript || document.querySelector('script[src*="/widget"]');
  const base = new URL(".", script.src), data = script.dataset;
  const wanted = (data.language || DEFAULT).toLowerCase();
  const spoken = [wanted, wanted.split("-")[0]].find((code) => code in WORDS); // undefined: a language we do not have
  const say = WORDS[spoken || DEFAULT];
  const label = data.label || say.ask_about;
  const theme = /^(light|dark)$/.test(data.theme) ? data.theme : "auto";
  const CSS = `
:host { all: initial; --back: #fff; --text: #1b2a2f; font: 16px/1.5 system-ui, sans-serif; z-index: var(--z, 2147483000); }
:host(.floating) { position: fixed; inset: auto 16px 16px auto; }
:host(.floating.left) { inset: auto auto 16px 16px; }
:host(.inline) { display: block; }
.dark { --back: #12191c; --text: #e6eef0; }
@media (prefers-color-scheme: dark) { .auto { --back: #12191c; --text: #e6eef0; } }
[hidden] { display: none !important; }
button, a { font: inherit; min-height: 24px; }
button { cursor: pointer; color: #fff; background: var(--accent); border: 2px solid #fff; border-radius: 999px; padding: 10px 18px; font-weight: 700; }
.close { margin: 0; padding: 2px 12px; min-height: 32px; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; box-shadow: 0 0 0 3px var(--back); }
.launch { box-shadow: 0 2px 10px #0006; }
.panel { display: flex; flex-direction: column; background: var(--back); color: var(--text); border: 1px solid #72868d; overflow: hidden; }
.floating .panel { position: fixed; inset: auto 16px 16px auto; width: min(420px, 100vw - 32px); height: min(660px, 100vh - 32px); border-radius: 12px; box-shadow: 0 6px 30px #0007; }
.floating.left .panel { inset: auto auto 16px 16px; }
.inline .panel { height: min(640px, 90vh); border-radius: 8px; }
.head { display: flex; gap: 8px; align-items: center; justify-content: space-between; padding: 6px 12px; background: var(--accent); color: #fff; font-weight: 700; }
iframe { flex: 1; width: 100%; border: 0; background: var(--back); min-height: 0; }
.trouble { padding: 16px; overflow: auto; }
.trouble a { color: inherit; font-weight: 700; display: inline-block; }
@media (max-width: 480px), (max-height: 480px) { .floating .panel { inset: 0 !important; width: auto; height: auto; border-radius: 0; border: 0; } }
@media (forced-colors: active) { button, .panel { border: 2px solid; } }
@media print { :host { display: none; } }`;

  const make = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  // The accent as #rrggbb, darkened until white text on it has a contrast of 4.5 to 1.
  const readable = (colour, on) => {
    on.style.color = "#0b5a66";
    on.style.color = colour || "";
    let rgb = (getComputedStyle(on).color.match(/[\d.]+/g) || []).slice(0, 3).map(Number);
    on.style.color = "";
    if (rgb.length < 3) rgb = [11, 90, 102];
    const part = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const light = () => 0.2126 * part(rgb[0]) + 0.7152 * part(rgb[1]) + 0.0722 * part(rgb[2]);
    while (1.05 / (light() + 0.05) < 4.5) rgb = rgb.map((value) => Math.floor(value * 0.96));
    return "#" + rgb.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");
  };

  function start() {
    if (window.Spinewise?.version) return;
    if (!customElements.get("spinewise-guide")) customElements.define("spinewise-guide", class extends HTMLElement {});
    const find = () => { try { return document.querySelector(data.inline); } catch { return null; } }; // no valid selector
    const target = data.inline && find();
    if (data.inline && !target) console.error(`Spinewise: no element matches data-inline="${data.inline}", so the button floats`);
    const kind = target ? "inline" : `floating ${/left/.test(data.position) ? "left" : ""}`;
    const element = make("spinewise-guide", { className: kind });
    element.lang = say.tag;
    element.dir = say.dir;
    const shadow = element.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      shadow.append(make("style", { textContent: CSS })); // browsers from before 2023
    }
    const launch = make("button", { type: "button", className: "launch", textContent: label });
    if (data.label && data.language) launch.lang = data.language;
    launch.setAttribute("aria-expanded", "false");
    launch.setAttribute("aria-haspopup", "dialog");
    const close = make("button", { type: "button", className: "close", textContent: say.close });
    const head = make("div", { className: "head" }, make("span", { textContent: spoken ? NAME : `${NAME} (${say.name})` }), close);
    const panel = make("div", { className: "panel", hidden: true, tabIndex: -1 }, head);
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", label);
    const around = make("div", { className: `${kind} ${theme}` }, launch, panel);
    shadow.append(around);
    const place = () => { if (!element.isConnected) (target ? find() : document.body)?.append(element); };
    place();
    if (/^-?\d+$/.test(data.zIndex)) element.style.setProperty("--z", data.zIndex);
    const accent = readable(data.accent, around);
    element.style.setProperty("--accent", accent);

    const listeners = {};
    let frame, ready, trouble, timer, back, waiting = [];
    const emit = (type, detail = {}) => { // never with what the reader typed
      (listeners[type] || []).forEach((listener) => listener(detail));
      element.dispatchEvent(new CustomEvent(`spinewise:${type}`, { bubbles: true, detail }));
    };
    const send = (type, question) => {
      if (ready) frame.contentWindow.postMessage({ spinewise: type, question }, base.origin);
      else waiting.push([type, question]);
    };

    function load() {
      if (frame) return;
      trouble?.remove();
      const address = new URL("ask", base);
      if (data.language) address.searchParams.set("lang", data.language);
      if (data.topic) address.searchParams.set("topic", data.topic);
      address.hash = new URLSearchParams({ host: location.origin, theme, accent });
      frame = make("iframe", { src: address.href, title: label });
      frame.referrerPolicy = "no-referrer";
      frame.addEventListener("load", () => { if (!ready) wait(1500); });
      panel.append(frame);
      wait(10000);
    }
    function wait(milliseconds) {
      clearTimeout(timer);
      timer = setTimeout(() => { if (!ready) fail(); }, milliseconds);
    }
    // The frame said nothing: either this site is not on the server's list, or the server does not answer.
    async function fail() {
      frame?.remove();
      frame = ready = undefined;
      waiting = [];
      const call = say.call.flatMap((part, at) => // text, link, address, text, link, address, ...
        at % 3 === 2 ? [] : at % 3 === 1 ? [make("a", { href: say.call[at + 1], textContent: part })] : [part]);
      const own = new URL(data.language ? `ask?lang=${encodeURIComponent(data.language)}` : "ask", base).href;
      const link = make("a", { href: own, target: "_blank", rel: "noopener", textContent: say.own_page });
      trouble = make("div", { className: "trouble" },
        make("p", { textContent: say.not_shown }), make("p", {}, ...call), make("p", {}, link));
      trouble.setAttribute("role", "status");
      panel.append(trouble);
      let reason = "unreachable";
      try {
        await fetch(new URL("healthz", base), { mode: "no-cors" });
        reason = "site";
        console.error(`Spinewise: the server at ${base.href} answers, but not for a frame on ${location.origin}. Add this origin to SPINEWISE_SITES there, and ${base.origin} to frame-src in this page's content security policy.`);
      } catch {
        console.error(`Spinewise: the server at ${base.href} does not answer.`);
      }
      emit("error", { reason });
    }

    const isOpen = () => !panel.hidden;
    function open({ question } = {}, focus = Boolean(navigator.userActivation?.isActive)) {
      place();
      load();
      if (question) send("fill", String(question));
      if (isOpen()) return;
      back = document.activeElement;
      panel.hidden = false;
      launch.hidden = true;
      launch.setAttribute("aria-expanded", "true");
      if (focus) {
        panel.focus({ preventScroll: true });
        if (frame) send("focus");
      }
      emit("open");
    }
    function shut() {
      if (!isOpen()) return;
      const inside = document.activeElement === element;
      panel.hidden = true;
      launch.hidden = false;
      launch.setAttribute("aria-expanded", "false");
      if (inside) (back && back !== document.body && back !== element && back.isConnected ? back : launch).focus({ preventScroll: true });
      if (trouble) trouble = void trouble.remove(); // the next open tries again
      emit("close");
    }
    const escape = (event) => { if (event.key === "Escape" && isOpen() && event.composedPath().includes(element)) shut(); };
    const heard = (event) => {
      if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
      const { spinewise: type, kind: sort, level } = event.data || {};
      if (type === "ready") {
        clearTimeout(timer);
        const again = ready;
        ready = true;
        waiting.splice(0).forEach(([what, question]) => (what === "focus" && !isOpen()) || send(what, question));
        if (!again) emit("ready");
      } else if (type === "close") shut();
      else if (type === "answered") emit(type, { kind: sort });
      else if (type === "alert") emit(type, { level });
      else if (/^(asked|reset)$/.test(type)) emit(type);
    };
    launch.addEventListener("click", () => open({}, true));
    close.addEventListener("click", shut);
    document.addEventListener("keydown", escape);
    window.addEventListener("message", heard);
    const watch = new MutationObserver(place); // a site that changes pages by exchanging the body
    watch.observe(document.documentElement, { childList: true });

    const api = {
      version: VERSION,
      isOpen,
      open: (options) => open(options),
      close: shut,
      toggle: () => (isOpen() ? shut() : open()),
      ask(question) { open(); send("ask", String(question)); },
      reset() { if (frame) send("reset"); },
      on(event, listener) {
        (listeners[event] ||= []).push(listener);
        return () => { listeners[event] = listeners[event].filter((other) => other !== listener); };
      },
      destroy() {
        watch.disconnect();
        clearTimeout(timer);
        document.removeEventListener("keydown", escape);
        window.removeEventListener("message", heard);
        element.remove();
        if (window.Spinewise === api) delete window.Spinewise;
      },
      push: (call) => (typeof call === "function" ? call(api) : api[call[0]](...call.slice(1))),
    };
    window.Spinewise = api;
    if (data.open === "" || data.open === "true") open({}, false);
    queue.forEach(api.push);
  }
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
