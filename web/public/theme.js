// Sets the theme before the first paint. A file of its own, since the page's policy allows no inline script.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("autograph.theme");
  } catch (refused) {
    // Storage can be switched off; the system's theme is used then.
  }
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme =
    chosen === "light" || chosen === "dark" || chosen === "contrast" ? chosen : dark ? "dark" : "light";
})();
