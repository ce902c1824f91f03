/**
 * The only source of "now" (epoch milliseconds). It never goes backwards within a process; what it follows
 * (the process's clock on SQLite, the database's on a server) is the implementation's business.
 */
export abstract class Clock {
  abstract now(): number;
}
