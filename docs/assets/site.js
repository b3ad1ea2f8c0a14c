// What the theme leaves out: names for its parts, and boxes that open where they hold what is looked for.
(() => {
  const name = (selector, label) =>
    document.querySelectorAll(selector).forEach((found) => found.setAttribute("aria-label", label));
  name(".md-search[role=dialog]", "Search");
  name(".md-nav--primary", "Pages");
  name(".md-sidebar--secondary .md-nav--secondary", "On this page");
  name(".md-sidebar--primary .md-nav--secondary", "On this page, in the menu");

  const open = (inner) => {
    for (let box = inner; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") box.open = true;
    }
  };
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) {
      open(target);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  follow();

  const content = document.querySelector(".md-content");
  const marks = () => content.querySelectorAll("mark[data-md-highlight]").forEach(open);
  if (content) {
    new MutationObserver(marks).observe(content, { childList: true, subtree: true });
    marks();
  }
})();
