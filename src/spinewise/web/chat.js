// Shows each new answer from its question on, not from its end, and says what language the page is in. Sends and keeps nothing.
(() => {
  const titles = {{titles}}; // of this page, by language
  let seen = 0;
  const look = () => {
    const { lang, dir } = document.querySelector("#sw-urgent details") || {};
    if (lang && lang !== document.documentElement.lang) {
      Object.assign(document.documentElement, { lang, dir });
      document.title = titles[lang];
    }
    const asked = document.querySelectorAll("#sw-talk .message.bot");
    if (asked.length === seen) return;
    seen = asked.length;
    const last = [...document.querySelectorAll("#sw-talk .message.user")].pop();
    const box = last && last.closest("[role=log]");
    if (box) setTimeout(() => (box.scrollTop += last.getBoundingClientRect().top - box.getBoundingClientRect().top - 40), 60);
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
