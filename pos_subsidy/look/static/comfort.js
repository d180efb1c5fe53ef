"use strict";
// Large type and sound, switched on the spot: a page with a refusal on it is not drawn anew.
{
  const ONE_YEAR_SECONDS = 365 * 86400;
  const root = document.documentElement;
  const keep = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=${ONE_YEAR_SECONDS}; samesite=lax`;
  };
  // A page kept by the worker does not know what was chosen since.
  if (/(^|; )type=large/.test(document.cookie)) root.classList.add("large");
  document.addEventListener("click", (event) => {
    const type = event.target.closest("[data-type-switch]");
    if (type && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const large = root.classList.toggle("large");
      keep("type", large ? "large" : "plain");
      type.textContent = large ? type.dataset.plain : type.dataset.large;
    }
    const sound = event.target.closest("[data-sound-switch]");
    if (sound) {
      root.dataset.sound = root.dataset.sound === "off" ? "on" : "off";
      keep("sound", root.dataset.sound);
      sound.textContent = sound.dataset[root.dataset.sound];
    }
  });
}
