// instant.ts — `2027-01-31T06:00Z`: a time with its zone. One without would be another time on another machine.

const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** In milliseconds since 1970; undefined when it is none. */
export function parseInstant(text: string): number | undefined {
  if (!form.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isSafeInteger(instant) && instant >= 0 ? instant : undefined;
}
