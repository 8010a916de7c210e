// Bundles the page: node bot/page/build.mjs FOLDER writes page.js, page.css and the licences of what is in them.
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const folder = path.resolve(process.argv[2] ?? "");
fs.mkdirSync(folder, { recursive: true });
const { metafile } = await build({
  entryPoints: [path.join(here, "src/page.ts"), path.join(here, "src/page.css")],
  outdir: folder,
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none", // they stand in the file of licences
  charset: "ascii",
  metafile: true,
  logLevel: "warning",
});

const packages = new Set(Object.keys(metafile.inputs).map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]));
const texts = [...packages].filter(Boolean).sort().map((name) => {
  const root = path.join(here, "node_modules", name);
  const { version, license } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const file = fs.readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} comes without the text of its licence`);
  return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(root, file), "utf8").trim()}\n`;
});
fs.writeFileSync(path.join(folder, "LICENSES.txt"), texts.join(`\n${"-".repeat(78)}\n\n`));
