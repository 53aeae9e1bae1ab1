import { cloudflare } from "@cloudflare/vite-plugin";
import tailwindcss from "@tailwindcss/vite";
import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    // Workers AI is at Cloudflare only: without it `vite dev` needs no account, and every answer is the estimate.
    cloudflare({ viteEnvironment: { name: "ssr" }, remoteBindings: process.env["REMOTE_AI"] === "1" }),
    tailwindcss(),
    tanstackStart({ router: { quoteStyle: "double", semicolons: true } }),
    react(),
  ],
  environments: {
    // One module: what the program uploads is a single file.
    ssr: { build: { minify: true, sourcemap: true, rollupOptions: { output: { codeSplitting: false } } } },
  },
});
