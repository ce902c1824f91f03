interface Route {
  methods: string[];
  pattern: RegExp;
}

/** Which methods a path takes, to tell an unknown path from a wrong method. */
export class RouteTable {
  private readonly routes: Route[] = [];

  /** `url` in the router's syntax: `:name` is one segment, `*` the rest. */
  add(method: string | readonly string[], url: string): void {
    this.routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  }

  /** Sorted; empty for an unknown path. */
  methodsOf(requestUrl: string): string[] {
    const path = requestUrl.replace(/\?.*$/s, '');
    const methods = this.routes.filter((route) => route.pattern.test(path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : literal(segment).replace('\\*', '.*')))
    .join('/');
  return new RegExp(`^${source}$`);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
