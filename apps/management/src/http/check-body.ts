import { type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { refuse } from '@ecron/jobs';

const TOLERANT = new WeakSet<object>();

/** For shapes of old clients, which send members that mean nothing here: they are ignored. */
export function ToleratesUnknown(): ClassDecorator {
  return (target) => {
    TOLERANT.add(target);
  };
}

interface Fault {
  path: string;
  rule: string;
  isUnknownMember: boolean;
}

/**
 * Checks types and limits of one object by the decorators of `type`, and returns the object as it came. The first
 * fault is thrown; members that nobody knows are named all at once.
 */
export function checkBody<T extends object>(value: unknown, type: Type<T>, path = ''): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse.field(path === '' ? 'body' : path, 'must be an object');
  }
  const instance = plainToInstance(type, value);
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
  });
  refuseFaults(errors.flatMap((error) => faultsOf(error, path)));
  return value as T;
}

function refuseFaults(faults: readonly Fault[]): void {
  const wrong = faults.find((fault) => !fault.isUnknownMember);
  if (wrong !== undefined) throw refuse.field(wrong.path, wrong.rule);
  const unknown = faults.map((fault) => fault.path);
  if (unknown.length > 0) throw refuse.fields(unknown, `Unknown members: ${unknown.join(', ')}`);
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const path = joinPath(parent, error.property);
  const own = Object.entries(error.constraints ?? {})
    .filter(([name]) => name !== 'whitelistValidation' || !isTolerated(error.target))
    .map(([name, message]) => ({
      path,
      rule: message.startsWith(`${error.property} `) ? message.slice(error.property.length + 1) : message,
      isUnknownMember: name === 'whitelistValidation',
    }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, path))];
}

function isTolerated(target: object | undefined): boolean {
  return target !== undefined && TOLERANT.has(target.constructor);
}

function joinPath(parent: string, name: string): string {
  if (/^\d+$/.test(name)) return `${parent}[${name}]`;
  return parent === '' ? name : `${parent}.${name}`;
}
