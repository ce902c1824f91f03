/** How one kind of value is read. `read` answers undefined for what breaks the rule; it never throws. */
export interface Kind<T> {
  /** Completes "must be …" in errors and in the reference. */
  readonly rule: string;
  read(raw: unknown): T | undefined;
}

/** Any text. Historic files leave quotes out, so numbers and booleans are taken as they read. */
export const text: Kind<string> = {
  rule: 'a text',
  read: (raw) => (['string', 'number', 'boolean'].includes(typeof raw) ? String(raw) : undefined),
};

/** A whole number within both bounds; environment variables and historic files give it as text. */
export function integer(min: number, max: number): Kind<number> {
  return {
    rule: `a whole number from ${min} to ${max}`,
    read: (raw) => {
      const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      return Number.isInteger(value) && min <= Number(value) && Number(value) <= max
        ? Number(value)
        : undefined;
    },
  };
}

/** A TCP port to listen on; 0 takes any free one. */
export const listenPort: Kind<number> = {
  ...integer(0, 65_535),
  rule: 'a port from 0 to 65535 (0: any free one)',
};

const FLAGS = new Map([
  ...['true', '1', 'yes', 'on'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off'].map((word) => [word, false] as const),
]);

/** A yes or no, also in the spellings of historic files: "false", 0, no, off. */
export const flag: Kind<boolean> = {
  rule: 'true or false',
  read: (raw) => FLAGS.get(text.read(raw)?.trim().toLowerCase() ?? ''),
};

/** One of a closed list; upper and lower case count. */
export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    rule: `one of ${values.join(', ')}`,
    read: (raw) => values.find((value) => value === raw),
  };
}

/** An IANA time zone that this Node knows; offsets such as +08:00 are not zones. */
export const timeZone: Kind<string> = {
  rule: 'an IANA time zone such as Asia/Shanghai',
  read: (raw) => (typeof raw === 'string' && isTimeZone(raw) ? raw : undefined),
};

export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The path part of a URL, without query; a trailing slash is dropped. */
export const urlPath: Kind<string> = {
  rule: 'a path that begins with / and has no query, fragment or blank',
  read: (raw) =>
    typeof raw === 'string' && /^\/[^\s?#]*[^\s?#/]\/?$/.test(raw) ? raw.replace(/\/$/, '') : undefined,
};
