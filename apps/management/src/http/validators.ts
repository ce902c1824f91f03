import { registerDecorator } from 'class-validator';

/** An object whose values are all text. */
export function IsTextMap(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTextMap',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isTextMap,
        defaultMessage: () => 'must be an object whose values are text',
      },
    });
}

function isTextMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((member) => typeof member === 'string');
}

/** A list of numbers and texts. */
export function IsNumberOrTextList(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isNumberOrTextList',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value) => Array.isArray(value) && value.every(isNumberOrText),
        defaultMessage: () => 'must be a list of numbers and texts',
      },
    });
}

function isNumberOrText(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

/** Refuses a member that the API describes for later versions: to drop it silently would lose what it says. */
export function IsNotYetKnown(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isNotYetKnown',
      target: target.constructor,
      propertyName: String(property),
      validator: { validate: () => false, defaultMessage: () => 'is not supported by this version' },
    });
}
