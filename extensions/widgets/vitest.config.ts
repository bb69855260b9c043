/** Tests in a real Chromium: the one that LABELSCOPE_CHROMIUM names, or Playwright's own. */

import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

const executablePath = process.env["LABELSCOPE_CHROMIUM"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { args: ["--no-sandbox"], ...(executablePath && { executablePath }) } }),
      instances: [{ browser: "chromium" }],
    },
  },
});
