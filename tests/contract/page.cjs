// The reference in a browser: all of it is shown, and nobody but our server is asked for anything.
"use strict";

const { chromium } = require("playwright-core");

// What a reader sees; the last of it is far down.
const SHOWN = ["Postern", "Begin a registration", "Sign in with the password", "Erase the account"];

async function main(url) {
  // A container has no sandbox to run it in; the page is ours.
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const bad = [];
  try {
    const page = await browser.newPage();
    page.on("request", (it) => {
      const own = it.url().startsWith(`${url}/`) || it.url().startsWith("data:");
      if (!own) bad.push(`asked for ${it.url()}`);
    });
    page.on("console", (it) => {
      if (it.type() === "error") bad.push(`said ${it.text()}`);
    });
    page.on("pageerror", (it) => bad.push(`failed with ${it}`));
    await page.goto(`${url}/docs`);
    await page.locator("h2", { hasText: SHOWN.at(-1) }).waitFor({ timeout: 60_000 });
    const text = await page.evaluate(() => document.body.innerText);
    bad.push(...SHOWN.filter((it) => !text.includes(it)).map((it) => `does not show ${it}`));
  } finally {
    await browser.close();
  }
  console.log(`the page: ${bad.length} complaints`);
  bad.forEach((it) => console.log(`  ${it}`));
  process.exitCode = bad.length === 0 ? 0 : 1;
}

main(process.argv[2]);
