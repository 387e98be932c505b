import type { Hex } from 'viem';
import { BR, type DevBedrock, EPOCH_SECONDS, WEEK_SECONDS, walletOf } from './bedrock.ts';
import { CLOCK_ABI, ESCROW_ABI } from './bedrockAbi.ts';
import type { Call } from './bedrockChain.ts';

const WALLETS = Array.from({ length: 24 }, (_, index) => walletOf(`random wallet ${index}`));
const OPERATORS = Array.from({ length: 4 }, (_, index) => walletOf(`random operator ${index}`));
const MAX_LOCKS = 60;
const MAX_GAUGES = 12;
const VOTES_PER_BLOCK = 16;
const DAY_SECONDS = 86_400;

/** What a run did; a vote that is cast anew counts as one more. */
export interface RandomRun {
  /** Every block that the run mined, in order. */
  blocks: bigint[];
  /** How often each thing was done. */
  done: Record<Deed, number>;
}

const DEEDS = [
  'vote',
  'operatorVote',
  'reset',
  'approveOperator',
  'exit',
  'resetAndExit',
  'withdraw',
  'transfer',
  'lock',
  'createGauge',
  'switchGauge',
  'newSeason',
] as const;
type Deed = (typeof DEEDS)[number];

interface OwnLock {
  id: bigint;
  owner: Hex;
  startSeconds: number;
  lockedAtSeconds: number;
  /** Set: it is in the queue, and leaves after that. */
  exitSeconds: number | null;
}

/** Mulberry32: numbers in [0, 1) that follow from the seed alone. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * So many random votes on a Bedrock whose vote window is always open, several in a block, among everything else that moves
 * gauges: resets, operators, exits, transfers, new locks and gauges, seasons, and time. What it sends should never revert: it
 * follows what the contracts hold. The same seed does the same to a fresh Bedrock.
 */
export async function randomRun(bedrock: DevBedrock, seed: number, votes: number): Promise<RandomRun> {
  const run = await Run.start(bedrock, seed);
  const blocks: bigint[] = [];
  while (run.cast < votes) {
    await run.block(Math.min(VOTES_PER_BLOCK, votes - run.cast));
    blocks.push(await bedrock.chain.client.getBlockNumber({ cacheTime: 0 }));
  }
  return { blocks, done: run.done };
}

class Run {
  readonly done = Object.fromEntries(DEEDS.map((deed) => [deed, 0])) as Record<Deed, number>;
  readonly #bedrock: DevBedrock;
  readonly #random: () => number;
  #locks: OwnLock[] = [];
  #gauges: { address: Hex; active: boolean }[] = [];
  /** Approved operators, by owner. */
  readonly #operators = new Map<Hex, Set<Hex>>();
  /** Since which season (or epoch, or ever) the vote of a lock or an address stands. */
  readonly #voted = new Map<string, number>();
  #seasonStarts: number[] = [];
  #lastLock = 0n;
  /** Chain time of the block that is being filled. */
  #at = 0;
  #calls: Call[] = [];

  private constructor(bedrock: DevBedrock, seed: number) {
    this.#bedrock = bedrock;
    this.#random = dice(seed);
  }

  static async start(bedrock: DevBedrock, seed: number): Promise<Run> {
    const run = new Run(bedrock, seed);
    const { chain, calls, at } = bedrock;
    await chain.actAll([
      calls.alwaysOpen(true),
      calls.enableTransfers(),
      calls.exitRules(DAY_SECONDS, WEEK_SECONDS, BR / 100n),
      ...WALLETS.flatMap((wallet) => bedrock.fund(wallet, 1_000_000n * BR)),
    ]);
    const escrow = { address: at.escrow, abi: ESCROW_ABI } as const;
    run.#lastLock = await chain.client.readContract({ ...escrow, functionName: 'lastLockId' });
    const view = await bedrock.view();
    run.#gauges = view.gauges.map(({ address, active }) => ({ address, active }));
    for (const { id, owner, holder, startSeconds } of view.locks) {
      if (holder !== null) continue;
      run.#locks.push({ id, owner, startSeconds, lockedAtSeconds: startSeconds - WEEK_SECONDS, exitSeconds: null });
    }
    if (bedrock.seasons) {
      for (let index = 1; index <= (view.season ?? 0) + 1; index += 1) {
        const asked = { address: at.clock, abi: CLOCK_ABI, functionName: 'seasonTs', args: [index] } as const;
        const times = await chain.client.readContract(asked).catch(() => null);
        if (times !== null) run.#seasonStarts.push(times[0]);
      }
    }
    for (const key of view.standing.keys()) run.#voted.set(key, run.#generation(chain.nowSeconds()));
    await run.#prepare();
    return run;
  }

  /** Twenty locks that have power already, and three gauges. */
  async #prepare(): Promise<void> {
    const { chain } = this.#bedrock;
    this.#at = chain.nowSeconds() + 1;
    while (this.#gauges.length < 3) this.#createGauge();
    while (this.#locks.length < 20) this.#lock();
    await this.#mine();
    await this.#bedrock.toNextCheckpoint();
  }

  get cast(): number {
    return this.done.vote + this.done.operatorVote;
  }

  async block(votes: number): Promise<void> {
    const { chain } = this.#bedrock;
    this.#at = chain.nowSeconds() + this.#step();
    for (let left = votes; left > 0; ) {
      const roll = this.#random();
      if (roll < 0.7) left -= this.#vote() ? 1 : 0;
      else if (roll < 0.78) this.#reset();
      else if (roll < 0.82) this.#approve();
      else if (roll < 0.85) this.#exit();
      else if (roll < 0.89) this.#withdraw();
      else if (roll < 0.94) this.#transfer();
      else if (roll < 0.98) this.#lock();
      else if (roll < 0.985) this.#createGauge();
      else if (roll < 0.99) this.#switchGauge();
      else this.#newSeason();
    }
    await this.#mine();
  }

  async #mine(): Promise<void> {
    const { chain } = this.#bedrock;
    await Promise.all(this.#calls.map(chain.queue));
    this.#calls = [];
    await chain.mine(this.#at - chain.nowSeconds());
  }

  /** Mostly within a day; one block in forty comes a week later. */
  #step(): number {
    const most = this.#random() < 0.025 ? WEEK_SECONDS : DAY_SECONDS;
    return 1 + Math.floor(this.#random() * most);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  #do(deed: Deed, ...calls: Call[]): void {
    this.#calls.push(...calls);
    this.done[deed] += 1;
  }

  /** Votes of another season (or, by address without the hook, of another epoch) no longer stand. */
  #generation(atSeconds: number): number {
    if (this.#bedrock.form() === 'address') return this.#bedrock.hook ? 0 : Math.floor(atSeconds / EPOCH_SECONDS);
    return this.#seasonStarts.filter((start) => start <= atSeconds).length;
  }

  #key(lock: OwnLock): string {
    return this.#bedrock.form() === 'address' ? lock.owner : String(lock.id);
  }

  #isVoting = (lock: OwnLock): boolean => this.#voted.get(this.#key(lock)) === this.#generation(this.#at);

  /** Started and warm; those of the queue belong to the escrow. */
  #live = (): OwnLock[] =>
    this.#locks.filter(
      ({ exitSeconds, startSeconds, lockedAtSeconds }) =>
        exitSeconds === null && startSeconds <= this.#at && lockedAtSeconds + 1 < this.#at,
    );

  #sender(lock: OwnLock): { by: Hex; operator: boolean } {
    const operators = [...(this.#operators.get(lock.owner) ?? [])];
    const operator = this.#bedrock.form() === 'token' && this.#random() < 0.4 ? this.#pick(operators) : undefined;
    return { by: operator ?? lock.owner, operator: operator !== undefined };
  }

  #vote(): boolean {
    const lock = this.#pick(this.#live());
    if (lock === undefined) return false;
    const rest = this.#gauges.filter(({ active }) => active);
    const count = 1 + Math.floor(this.#random() * Math.min(4, rest.length));
    const scale = 10 ** Math.floor(this.#random() * 5);
    const weights = Array.from({ length: count }, () => {
      const [gauge] = rest.splice(Math.floor(this.#random() * rest.length), 1);
      return [(gauge as { address: Hex }).address, (1 + Math.floor(this.#random() * 9)) * scale] as const;
    });
    const { by, operator } = this.#sender(lock);
    this.#do(operator ? 'operatorVote' : 'vote', this.#bedrock.calls.vote(by, lock.id, weights));
    this.#voted.set(this.#key(lock), this.#generation(this.#at));
    return true;
  }

  #reset(): void {
    const lock = this.#pick(this.#live().filter(this.#isVoting));
    if (lock === undefined) return;
    this.#do('reset', this.#bedrock.calls.reset(this.#sender(lock).by, lock.id));
    this.#voted.delete(this.#key(lock));
  }

  #approve(): void {
    const owner = this.#pick(WALLETS) as Hex;
    const operator = this.#pick(OPERATORS) as Hex;
    const set = this.#operators.get(owner) ?? new Set();
    this.#operators.set(owner, set);
    const approved = !set.has(operator);
    if (approved) set.add(operator);
    else set.delete(operator);
    this.#do('approveOperator', this.#bedrock.calls.approveOperator(owner, operator, approved));
  }

  /** A lock that votes must take its votes back first, in the same block; or the escrow does it for it. */
  #exit(): void {
    const { calls, at } = this.#bedrock;
    const lock = this.#pick(this.#live().filter(({ startSeconds }) => startSeconds + WEEK_SECONDS <= this.#at));
    if (lock === undefined || this.#live().length < 10) return;
    const votes = this.#bedrock.form() === 'token' && this.#isVoting(lock);
    if (votes) this.#voted.delete(this.#key(lock));
    if (votes && this.#random() < 0.3) {
      const approval = calls.approveOperator(lock.owner, at.escrow);
      this.#do('resetAndExit', approval, calls.resetAndExit(lock.owner, lock.id));
    } else {
      if (votes) this.#do('reset', calls.reset(lock.owner, lock.id));
      this.#do('exit', calls.exit(lock.owner, lock.id));
    }
    lock.exitSeconds = Math.max(nextCheckpoint(this.#at), this.#at + DAY_SECONDS);
  }

  #withdraw(): void {
    const lock = this.#pick(this.#locks.filter(({ exitSeconds }) => exitSeconds !== null && exitSeconds < this.#at));
    if (lock === undefined) return;
    this.#do('withdraw', this.#bedrock.calls.withdraw(lock.owner, lock.id));
    this.#locks = this.#locks.filter((one) => one !== lock);
  }

  #transfer(): void {
    const lock = this.#pick(this.#locks.filter(({ exitSeconds }) => exitSeconds === null));
    const to = this.#pick(WALLETS) as Hex;
    if (lock === undefined || lock.owner === to) return;
    this.#do('transfer', this.#bedrock.calls.transfer(lock.owner, to, lock.id));
    lock.owner = to;
  }

  #lock(): void {
    if (this.#locks.length >= MAX_LOCKS) return;
    const owner = this.#pick(WALLETS) as Hex;
    const to = this.#random() < 0.2 ? (this.#pick(WALLETS) as Hex) : owner;
    // Odd amounts: what is divided among gauges does not come out even.
    const amountWei = BR + BigInt(Math.floor(this.#random() * 2 ** 50)) * 1_000_003n;
    const { calls } = this.#bedrock;
    this.#do('lock', to === owner ? calls.createLock(owner, amountWei) : calls.createLockFor(owner, amountWei, to));
    this.#lastLock += 1n;
    this.#locks.push({
      id: this.#lastLock,
      owner: to,
      startSeconds: nextCheckpoint(this.#at),
      lockedAtSeconds: this.#at,
      exitSeconds: null,
    });
  }

  #createGauge(): void {
    if (this.#gauges.length >= MAX_GAUGES) return;
    const name = `random gauge ${this.#gauges.length}`;
    const address = walletOf(name);
    this.#do('createGauge', this.#bedrock.calls.createGauge(address, name));
    this.#gauges.push({ address, active: true });
  }

  #switchGauge(): void {
    const gauge = this.#pick(this.#gauges);
    if (gauge === undefined) return;
    if (gauge.active && this.#gauges.filter(({ active }) => active).length < 3) return;
    const { activateGauge, deactivateGauge } = this.#bedrock.calls;
    this.#do('switchGauge', gauge.active ? deactivateGauge(gauge.address) : activateGauge(gauge.address));
    gauge.active = !gauge.active;
  }

  #newSeason(): void {
    const start = nextCheckpoint(this.#at);
    const before = this.#seasonStarts.at(-1) ?? 0;
    if (!this.#bedrock.seasons || start < before + EPOCH_SECONDS) return;
    this.#do('newSeason', this.#bedrock.calls.newSeason());
    this.#seasonStarts.push(start);
  }
}

const nextCheckpoint = (seconds: number): number => seconds - (seconds % WEEK_SECONDS) + WEEK_SECONDS;
