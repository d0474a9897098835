// document.ts — docs/api.md: what `@rogerd/client` hands out, from its sources.
import { docstringOf, shownText } from "./declaration-text.ts";
import { type PublicExport, publicExports } from "./public-export.ts";

export const documentPath = "docs/api.md";

const head = `# API of @rogerd/client

Everything that the package exports, with the docstrings of its sources; made by \`npm run api\`, not by hand. How to
use it: [packages/client](../packages/client) and [guide.md](guide.md).
`;

export function documentText(): string {
  const all = publicExports("packages/client/src/index.ts").toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const sections = ["Functions", "Classes", "Errors", "Types"].map((title) =>
    sectionText(
      title,
      all.filter((each) => titleOf(each) === title),
    ),
  );
  return [head, ...sections].join("\n");
}

function titleOf(exported: PublicExport): string {
  const { name } = exported;
  const text = shownText(exported);
  if (text.startsWith("function ")) return "Functions";
  if (!text.startsWith("class ")) return "Types";
  return name.endsWith("Error") ? "Errors" : "Classes";
}

function sectionText(title: string, exported: readonly PublicExport[]): string {
  const parts = exported.map((each) => {
    const { name, file, declaration } = each;
    const docstring = docstringOf(file, declaration);
    const code = `\`\`\`ts\n${shownText(each)}\n\`\`\`\n`;
    return [`### ${name}\n`, ...(docstring === "" ? [] : [`${docstring}\n`]), code].join("\n");
  });
  return [`## ${title}\n`, ...parts].join("\n");
}
