/** Whether a list of names, or of beginnings with a `*` behind them, has a topic. Upper and lower case count. */
export function isListed(topic: string, listed: readonly string[]): boolean {
  return listed.some((one) => (one.endsWith('*') ? topic.startsWith(one.slice(0, -1)) : topic === one));
}
