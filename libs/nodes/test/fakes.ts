import { type TimeSources } from '../src/time-sources.js';
import { type Beat, type Cluster, NodeStore, type NodeView } from '../src/ports.js';
import { type NodeIdentity } from '../src/node-identity.js';

/** Time that passes when told; `stepMs` moves the shared clock alone. */
export class MovedSources implements TimeSources {
  at = 1_000_000;
  stepMs = 0;
  skew = 0;
  wall = () => this.at + this.stepMs;
  monotonic = () => this.at;
  skewMs = () => this.skew;
  pass(ms: number): void {
    this.at += ms;
  }
}

export class FakeNodes extends NodeStore {
  readonly calls: string[] = [];
  readonly beats: Beat[] = [];
  isAway = false;
  onBeat = (): void => undefined;

  async beat(_node: NodeIdentity, beat: Beat): Promise<void> {
    this.onBeat();
    if (this.isAway) throw new Error('no database');
    this.calls.push('beat');
    this.beats.push(beat);
  }
  async leave(nodeId: string): Promise<void> {
    this.calls.push(`leave ${nodeId}`);
  }
  async findCluster(): Promise<Cluster> {
    return { capacity: 0, analysisNodes: 0 };
  }
  async lapsedHolders(): Promise<string[]> {
    return [];
  }
  async highestTime(): Promise<number> {
    return 0;
  }
  async list(): Promise<NodeView[]> {
    return [];
  }
}
