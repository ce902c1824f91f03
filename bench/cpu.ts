import { readFileSync } from 'node:fs';

export interface NamedProcess {
  name: string;
  pid: number;
}

/** The kernel counts in hundredths of a second, on every platform that Node runs on. */
const TICKS_PER_S = 100;

/** How much of a CPU each process takes, and this one: Linux only, elsewhere nothing is told. */
export class CpuMeter {
  private readonly begun = performance.now();
  private readonly before: number[];
  private readonly processes: NamedProcess[];

  constructor(processes: readonly NamedProcess[]) {
    this.processes = [...processes, { name: 'bench', pid: process.pid }];
    this.before = this.processes.map(({ pid }) => cpuSeconds(pid));
  }

  /** Shares since the construction, in percent of one CPU: `management-0 61 %, …`. */
  report(): string {
    const elapsedS = (performance.now() - this.begun) / 1000;
    const shares = this.processes.map(({ name, pid }, index) => {
      const share = (cpuSeconds(pid) - (this.before[index] ?? NaN)) / elapsedS;
      return `${name} ${Math.round(share * 100)} %`;
    });
    return shares.filter((text) => !text.includes('NaN')).join(', ');
  }
}

/** User and system time of all threads. */
function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [userTicks, systemTicks] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13);
    return (Number(userTicks) + Number(systemTicks)) / TICKS_PER_S;
  } catch {
    return NaN;
  }
}
