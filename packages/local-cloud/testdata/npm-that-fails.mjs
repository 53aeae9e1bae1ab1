#!/usr/bin/env node
// Stands where npm stands, without a registry.
console.error("npm error code ENOTFOUND registry.example");
process.exit(1);
