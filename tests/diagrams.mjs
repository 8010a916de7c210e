// Holds each text of a JSON list on standard input against Mermaid's own grammar; prints what is wrong, a line each.
import fs from "node:fs";
import { pathToFileURL } from "node:url";

const from = (path) => import(pathToFileURL(`${process.argv[2]}/${path}`).href);
const { default: purify } = await from("dompurify/dist/purify.es.mjs");
const { default: mermaid } = await from("mermaid/dist/mermaid.core.mjs");

// It wants a browser, which is not here; the grammar does not.
purify.addHook = () => {};
purify.sanitize = (text) => text;

for (const text of JSON.parse(fs.readFileSync(0, "utf8"))) {
  try {
    await mermaid.parse(text);
  } catch (problem) {
    console.log(String(problem).split("\n").join(" "));
  }
}
