import { findHeaderFault } from '../job/http-context.js';
import { type JobContext, type JobMode } from '../job/job.js';
import { isTooDeep } from '../job/json-depth.js';
import { isJsonObject, type JsonObject } from '../job/json-value.js';
import { refuseRow, type RefusedRow } from './legacy-rows.js';
import { legacyMode, readJson } from './legacy-values.js';

export interface LegacyContext {
  kind: 'read';
  context: JobContext;
  /** What was left out of it, for the log. */
  notices: string[];
}

type Pairs = Record<string, string> | null;

/** Thrown where a member has a shape that its old reader could not have loaded either. */
class BadMember extends Error {}

/** Reads a stored `job_context`: members it does not know are left out, those it misses are completed. */
export function readLegacyContext(text: string | null): LegacyContext | RefusedRow {
  const stored = readJson(text);
  if (!isJsonObject(stored)) return refuseRow('bad context', 'job_context is no JSON object');
  if (isTooDeep(stored)) return refuseRow('bad context', 'job_context is nested too deeply');
  const mode = legacyMode(stored['mode']);
  if (mode === undefined) return refuseRow('unknown mode', 'mode must be http, https or exe (1, 3 or 2)');
  try {
    return complete(stored, mode);
  } catch (error) {
    if (error instanceof BadMember) return refuseRow('bad context', error.message);
    throw error;
  }
}

function complete(stored: JsonObject, mode: JobMode): LegacyContext {
  const info = objectOrNull(stored, 'info') ?? {};
  const notify = objectOrNull(stored, 'notify') ?? {};
  const { headers, notices } = keepHeaders(pairs(info, 'headers'), mode);
  const context: JobContext = {
    mode,
    exec: textOf(stored, 'exec'),
    info: {
      method: textOf(info, 'method'),
      params: pairs(info, 'params'),
      headers,
      body: objectOrNull(info, 'body'),
      kubernetes: objectOrNull(info, 'kubernetes'),
    },
    notify: { webhook: textOf(notify, 'webhook') },
    begin_at: textOf(stored, 'begin_at'),
    end_at: textOf(stored, 'end_at'),
    execute_id: textOf(stored, 'execute_id'),
  };
  return { kind: 'read', context, notices };
}

/** Headers that an HTTP job may not set any more would make each of its runs fail, so they are dropped. */
function keepHeaders(headers: Pairs, mode: JobMode): { headers: Pairs; notices: string[] } {
  if (headers === null || mode === 'exe') return { headers, notices: [] };
  const faults = Object.entries(headers).map(([name, value]) => ({
    name,
    fault: findHeaderFault(name, value),
  }));
  const dropped = faults.filter(({ fault }) => fault !== null);
  const kept = Object.entries(headers).filter(([name]) => !dropped.some((d) => d.name === name));
  return {
    headers: Object.fromEntries(kept),
    notices: dropped.map(({ name, fault }) => `header ${JSON.stringify(name)} dropped: ${fault}`),
  };
}

function textOf(from: JsonObject, member: string): string {
  const value = from[member] ?? '';
  if (typeof value === 'string') return value;
  throw new BadMember(`${member} is no text`);
}

function objectOrNull(from: JsonObject, member: string): JsonObject | null {
  const value = from[member] ?? null;
  if (value === null || isJsonObject(value)) return value;
  throw new BadMember(`${member} is no object`);
}

function pairs(from: JsonObject, member: string): Pairs {
  const object = objectOrNull(from, member);
  if (object === null) return null;
  return Object.fromEntries(Object.keys(object).map((name) => [name, textOf(object, name)]));
}
