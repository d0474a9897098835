// wire-value.ts — reading what a daemon said without believing it. A field that is missing or of another
// type is undefined; the caller says what that means. Never throws.

export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseObject(text: string): WireObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function objectAt(from: WireObject, key: string): WireObject | undefined {
  const value = from[key];
  return isObject(value) ? value : undefined;
}

export function objectsAt(from: WireObject, key: string): readonly WireObject[] {
  const value: unknown = from[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(from: WireObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === "string" ? value : undefined;
}

export function numberAt(from: WireObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Milliseconds since 1970 as ISO-8601 UTC: how every time leaves rogerctl. */
export function timeAt(from: WireObject, key: string): string | null {
  const milliseconds = numberAt(from, key);
  if (milliseconds === undefined || Math.abs(milliseconds) > 8.64e15) return null;
  return new Date(milliseconds).toISOString();
}
