import type { Store } from '../../store/store.ts';

/** Whether sources were read by this process and can be read now. */
export class Freshness {
  readonly #store: Pick<Store, 'sources' | 'governance'>;
  readonly #startedAtMs: number;

  /** `startedAtMs`: what was read before is no news. */
  constructor(store: Pick<Store, 'sources' | 'governance'>, startedAtMs: number) {
    this.#store = store;
    this.#startedAtMs = startedAtMs;
  }

  /** The moment of a reading as text; null when there is none of this process, or the source is failing. */
  async of(source: string, readAtMs: number | null | undefined): Promise<string | null> {
    if (readAtMs === null || readAtMs === undefined || readAtMs < this.#startedAtMs) return null;
    return (await this.isFailing(source)) ? null : String(readAtMs);
  }

  async isFailing(source: string): Promise<boolean> {
    return (await this.#store.sources.get(source))?.state === 'failing';
  }

  /** By its status. */
  async ofStatus(source: string): Promise<string | null> {
    return this.of(source, (await this.#store.sources.get(source))?.lastSuccessAtMs);
  }

  /** By when its proposals or validators were stored; null also when one of them is not fresh, or there are none. */
  async ofGovernance(sources: readonly string[]): Promise<string | null> {
    const read = new Map((await this.#store.governance.read()).map(({ source, readAtMs }) => [source, readAtMs]));
    const stamps = await Promise.all(sources.map((source) => this.of(source, read.get(source))));
    return stamps.length === 0 || stamps.includes(null) ? null : stamps.join('/');
  }
}
