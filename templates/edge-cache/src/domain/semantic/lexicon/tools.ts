import { words } from "./function-words.ts";

/** Languages, programs, devices and services in which something is done: "a Python list" is "a list in Python". As keys, after synonyms. */
export const TOOLS = words(`
  python javascript typescript java golang rust ruby php perl c c++ c# swift kotlin scala haskell sql mysql postgres sqlite mongodb redis
  css html bash powershell linux ubuntu debian fedora macos mac windows ios android iphone ipad git github gitlab docker kubernetes react vue
  angular svelte node node.j nodej express django flask rails laravel excel powerpoint outlook gmail photoshop figma notion slack
  instagram facebook twitter whatsapp tiktok youtube linkedin netflix spotify amazon ebay aws azure terraform pandas numpy jquery
  latex matlab minecraft roblox chrome firefox safari wordpress shopify jira lua dart elixir clojure fortran cobol
  word^ edge^ access^ teams^ outlook^ windows^ go^ r^ c^ pytorch tensorflow
  zoom telegram vim npm pip webpack vite graphql sharepoint onedrive dropbox trello canva duolingo paypal venmo uber airbnb tinder discord skype
  steam playstation xbox kindle alexa siri chatgpt blender autocad quickbooks salesforce tableau hubspot stata spss heroku nginx apache mongoose
  browser account app profile website`);
