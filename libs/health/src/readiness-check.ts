/** Something that has to work before a process can take work. */
export abstract class ReadinessCheck {
  /** Short name for the answer: `database`. */
  abstract readonly name: string;
  /** Whether a fault makes the process unready, or is only shown. */
  readonly weight: 'fails' | 'degrades' = 'fails';
  /** Why not, in a few words without secrets; null: ready. Must answer within a second or so. */
  abstract findFault(): Promise<string | null>;
}

/** DI token of all the checks of a process, a list. */
export const READINESS_CHECKS = Symbol('READINESS_CHECKS');
