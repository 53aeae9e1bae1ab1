#!/usr/bin/env node
// Stands where npm stands: puts the files there that an installation of the runtime is known by.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const name of Object.keys(dependencies)) {
  mkdirSync(`node_modules/${name}/dist`, { recursive: true });
  writeFileSync(`node_modules/${name}/package.json`, JSON.stringify({ name, words: process.argv.slice(2) }));
  writeFileSync(`node_modules/${name}/dist/index.js`, "");
}
