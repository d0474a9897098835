// main.ts — npm run api: writes docs/api.md anew from the sources of the client.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { documentPath, documentText } from "./document.ts";

writeFileSync(join(projectRoot, documentPath), documentText());
