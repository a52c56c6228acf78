"use strict";
// Without the search nothing runs in a worker, and with the system's own typefaces nothing is fetched.
Redoc.init(
  "/openapi.json",
  {
    disableSearch: true,
    nativeScrollbars: true,
    theme: {
      typography: {
        fontFamily: "system-ui, sans-serif",
        headings: { fontFamily: "system-ui, sans-serif" },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  document.getElementById("reference"),
);
