/**
 * A browser that was started without a language names one that is none ("en-US@posix"), and uPlot would not load:
 * imported before it, this names English there.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}

export {};
