// A browser for the tests: the system's Chromium with software WebGL, so that no GPU is needed.
//
// CHROMIUM names another browser. A page's errors are collected; a test asserts none at its end.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const PATHS = [
  process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const FLAGS = [
  "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];
/** Far longer than any step takes when software draws the map on two busy cores. */
export const LIMIT_MILLIS = 90_000;

export const DESKTOP = { width: 1_000, height: 700 };
export const PHONE = { width: 390, height: 844 };

const shots = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

export async function launch() {
  const executablePath = PATHS.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) throw new Error("no Chromium found: set CHROMIUM to its path");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Opens a page at this address and waits for its map; `errors` collects the console's errors.
 *  `route` may intercept the page's requests before the first one. */
export async function open(browser, url, { viewport = DESKTOP, route, ...options } = {}) {
  const context = await browser.newContext({ viewport, colorScheme: "dark", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MILLIS);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  await route?.(page);
  await page.goto(url);
  await until(page, () => window.overflight?.idle === true);
  return { page, errors };
}

/** Waits until a function evaluated in the page is true; it gets `argument`. */
export async function until(page, check, argument) {
  await page.waitForFunction(check, argument, { polling: 50 });
}

/** Waits for the next drawn frame. */
export async function nextFrame(page) {
  const before = await page.evaluate(() => window.overflight.framesDrawn);
  await until(page, (frames) => window.overflight.framesDrawn > frames, before);
}

export async function shoot(page, name) {
  mkdirSync(shots, { recursive: true });
  return page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled" });
}

/** Returns the RGB values of a square of CSS pixels around a point, as the page shows it. */
export async function pixels(page, [x, y], reach) {
  const clip = { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach };
  const image = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.codePointAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const { data: flat } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return Array.from({ length: flat.length / 4 }, (_, i) => [...flat.slice(i * 4, i * 4 + 3)]);
  }, image);
}
