/** Typed rules for both front ends; run from the folder above (`npm run eslint`), so that they reach the two of them. */

import tseslint from "typescript-eslint";

export default tseslint.config(
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  {
    files: ["lab/src/**"],
    rules: { "@typescript-eslint/unbound-method": "off" }, // Lumino's signals take `this` as their second argument
  },
);
