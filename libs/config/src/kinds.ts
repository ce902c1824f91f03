import { isIP } from 'node:net';

/** How one kind of value is read. `read` answers undefined for what breaks the rule; it never throws. */
export interface Kind<T> {
  /** Completes "must be …" in errors and in the reference. */
  readonly rule: string;
  /** What a JSON schema can say of it; left out: that it is a text. */
  readonly json?: Readonly<Record<string, unknown>>;
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
    json: { type: 'integer', minimum: min, ...(Number.isFinite(max) && { maximum: max }) },
    read: (raw) => {
      const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      return Number.isInteger(value) && min <= Number(value) && Number(value) <= max
        ? Number(value)
        : undefined;
    },
  };
}

/** A number from 0 to 1. */
export const fraction: Kind<number> = {
  rule: 'a number from 0 to 1',
  json: { type: 'number', minimum: 0, maximum: 1 },
  read: (raw) => {
    const value = typeof raw === 'string' && /^\d*\.?\d+$/.test(raw.trim()) ? Number(raw) : raw;
    return typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
  },
};

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
  json: { type: 'boolean' },
  read: (raw) => FLAGS.get(text.read(raw)?.trim().toLowerCase() ?? ''),
};

/** One of a closed list; upper and lower case count. */
export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    rule: `one of ${values.join(', ')}`,
    json: { enum: values },
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

/** Hosts with commas between them. A part that is empty is left out. */
export const hostList = listOf(
  (host) => isIP(host) > 0 || /^(\*\.)?[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(host),
  'hosts with commas between them, each a name, an address or *. and a name',
);

/** Ranges of addresses with commas between them. A part that is empty is left out. */
export const cidrList = listOf(
  isCidr,
  'ranges of addresses with commas between them, such as 10.0.0.0/8, fd00::/8',
);

/** Origins of web pages with commas between them. */
export const originList = listOf(
  (origin) => URL.canParse(origin) && new URL(origin).origin === origin && /^https?:/.test(origin),
  'origins with commas between them, such as https://console.example, http://localhost:3000',
);

/** The address of a page: no account in it, no fragment. */
export const httpUrl: Kind<string> = {
  rule: 'a URL with http or https, without account or fragment',
  read: (raw) => {
    const url = typeof raw === 'string' && URL.canParse(raw.trim()) ? new URL(raw.trim()) : null;
    const isFit = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.hash === '';
    return isFit ? url.href : undefined;
  },
};

/** Keys of 32 bytes with commas between them, at least one. */
export const keyList: Kind<readonly string[]> = {
  rule: 'keys of 64 hexadecimal digits each (openssl rand -hex 32) with commas between them',
  read: (raw) => {
    const keys = text
      .read(raw)
      ?.split(',')
      .map((key) => key.trim());
    return keys?.every((key) => /^[0-9a-f]{64}$/i.test(key)) ? keys : undefined;
  },
};

/** The names on the way to a member of an object. */
export const memberPath: Kind<string> = {
  rule: 'names with dots between them, such as ext.permissions',
  read: (raw) => (typeof raw === 'string' && /^[^\s.]+(\.[^\s.]+)*$/.test(raw) ? raw : undefined),
};

/** One secret, or a new one and the one before. Blanks and commas are in none. */
export const secretPair: Kind<readonly string[]> = {
  rule: 'one secret of at least 16 characters (openssl rand -hex 32), or two with a comma between them',
  read: (raw) => {
    const secrets = text
      .read(raw)
      ?.split(',')
      .map((secret) => secret.trim());
    const isFit = secrets?.every((secret) => /^\S{16,}$/.test(secret)) === true && secrets.length <= 2;
    return isFit ? secrets : undefined;
  },
};

const isAbsolutePath = (path: string): boolean => /^\/[^\0]*$/.test(path);

/** A path from the root of the file system. */
export const absolutePath: Kind<string> = {
  rule: 'an absolute path',
  read: (raw) => (typeof raw === 'string' && isAbsolutePath(raw.trim()) ? raw.trim() : undefined),
};

/** Paths from the root of the file system, with commas between them. */
export const absolutePathList = listOf(isAbsolutePath, 'absolute paths with commas between them');

/** Names with commas between them. */
export const nameList = listOf(() => true, 'names with commas between them');

const isKubernetesName = (name: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);

/** What Kubernetes takes as the name of a namespace or an account. */
export const kubernetesName: Kind<string> = {
  rule: 'a name of a-z, 0-9 and "-", of at most 63 characters',
  read: (raw) => {
    const name = text.read(raw)?.trim() ?? '';
    return isKubernetesName(name) ? name : undefined;
  },
};

export const kubernetesNameList = listOf(
  isKubernetesName,
  'names of a-z, 0-9 and "-" with commas between them',
);

/** Numbers by name, with commas between them. Of a name that comes twice the last counts. */
export function numberList(min: number, max: number): Kind<Readonly<Record<string, number>>> {
  const [parts, number] = [nameList, integer(min, max)];
  return {
    rule: `names with numbers from ${min} to ${max}, such as a=5, b=10`,
    read: (raw) => {
      const pairs = parts.read(raw)?.map((part) => readPair(part, number));
      return pairs?.every((pair) => pair !== null) ? Object.fromEntries(pairs) : undefined;
    },
  };
}

function readPair(part: string, number: Kind<number>): [string, number] | null {
  const [, name = '', digits] = /^(.*\S)\s*=\s*(\d+)$/.exec(part) ?? [];
  const value = number.read(digits);
  return name === '' || value === undefined ? null : [name, value];
}

/** Topics of a broker with commas between them; a `*` at the end of one stands for any ending. */
export const topicList = listOf(
  (topic) => /^[\w.-]*(#ephemeral|\*)?$/.test(topic),
  'topics with commas between them, each a name or the beginning of one and `*`, such as `reports, events.*`',
);

const LIMITS = { memory_mb: 1_048_576, cpu_s: 31_536_000, open_files: 1_048_576, processes: 1_048_576 };
/** What a command may use at most; what is left out has no limit of its own. */
export type CommandLimits = Readonly<Partial<Record<keyof typeof LIMITS, number>>>;
const limitNumbers = numberList(1, Infinity);

/** Limits of commands by name, with commas between them. */
export const commandLimits: Kind<CommandLimits> = {
  rule: `numbers from 1 of ${Object.keys(LIMITS).join(', ')}, such as memory_mb=512, cpu_s=600`,
  read: (raw) => {
    const limits = limitNumbers.read(raw);
    const isKnown = Object.entries(limits ?? {}).every(
      ([name, value]) => Object.hasOwn(LIMITS, name) && value <= LIMITS[name as keyof typeof LIMITS],
    );
    return isKnown ? limits : undefined;
  },
};

/** A user and its group as the kernel knows them; one number stands for both. */
export const userIds: Kind<{ uid: number; gid: number }> = {
  rule: 'a number, or two as uid:gid',
  read: (raw) => {
    const [, uid, gid = uid] = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(text.read(raw)?.trim() ?? '') ?? [];
    return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  },
};

function listOf(isPart: (part: string) => boolean, rule: string): Kind<readonly string[]> {
  return {
    rule,
    read: (raw) => {
      const parts = text
        .read(raw)
        ?.split(',')
        .map((part) => part.trim());
      const filled = parts?.filter((part) => part !== '');
      return filled?.every(isPart) ? filled : undefined;
    },
  };
}

function isCidr(part: string): boolean {
  const [, address = '', bits = '0'] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
  const family = isIP(address);
  return family > 0 && Number(bits) <= (family === 4 ? 32 : 128);
}
