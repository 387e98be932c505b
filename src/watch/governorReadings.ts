import type { BlockRef, Hex } from '../lib/facts.ts';
import type { ProposalReading } from '../lib/governanceFacts.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import type { CallReader } from '../sources/evm/multicall.ts';
import { CHOICES, type CreatedProposal } from '../sources/governor/governorLogs.ts';
import { type GovernorAbout, type GovernorProposal, readGovernorProposals } from '../sources/governor/governorViews.ts';
import { BlockMoments, type Moment } from '../sources/governor/timepoints.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { GovernorHistory } from './governorHistory.ts';

/** The year 9999. */
const MAX_SECONDS = 253_402_300_799n;

/** An estimate of a later block's time stays as it was while it is off by no more than this, or by 2 % of the way there. */
const TOLERANCE_SECONDS = 60;

/** Makes readings of a governor's proposals: words by its logs (or the store), where they stand by its views. */
export class GovernorReadings {
  readonly #governor: Hex;
  readonly #about: GovernorAbout;
  readonly #reader: CallReader;
  readonly #moments: BlockMoments;

  constructor(governor: Hex, about: GovernorAbout, reader: CallReader, client: EvmClient) {
    this.#governor = governor;
    this.#about = about;
    this.#reader = reader;
    this.#moments = new BlockMoments(client);
  }

  /** In order, those that it knows at that block. Rejects with AssayError. */
  async of(
    refs: readonly string[],
    history: GovernorHistory,
    stored: ReadonlyMap<string, StoredProposal>,
    block: BlockRef,
  ): Promise<ProposalReading[]> {
    const asked = { governor: this.#governor, about: this.#about };
    const answers = await readGovernorProposals(this.#reader, block, asked, refs.map(BigInt));
    const readings: ProposalReading[] = [];
    for (const [index, ref] of refs.entries()) {
      const answer = answers[index] ?? null;
      const words = history.created.get(ref) ?? stored.get(ref);
      if (answer === null || words === undefined) continue;
      readings.push(await this.#reading(words, answer, stored.get(ref), block));
    }
    return readings;
  }

  async #reading(
    words: CreatedProposal | StoredProposal,
    answer: GovernorProposal,
    before: StoredProposal | undefined,
    block: BlockRef,
  ): Promise<ProposalReading> {
    const about = this.#about;
    const start = await this.#moment(answer.snapshot, block);
    const end = steady(await this.#moment(answer.deadline, block), before?.endAtSeconds ?? null, block);
    const endBlock = about.byTime || answer.deadline === null ? [] : [endWords(answer.deadline, end)];
    const eligible = answer.eligible ?? before?.terms.eligible ?? null;
    return {
      ref: words.ref,
      title: words.title,
      summary: words.summary,
      proposer: words.proposer,
      status: answer.status,
      kinds: endBlock,
      submittedAtSeconds: 'atSeconds' in words ? words.atSeconds : words.submittedAtSeconds,
      startAtSeconds: start?.atSeconds ?? before?.startAtSeconds ?? null,
      endAtSeconds: end?.atSeconds ?? before?.endAtSeconds ?? null,
      choices: CHOICES,
      tally: answer.tally,
      terms: {
        unit: about.unit,
        eligible,
        eligibleWords:
          answer.eligible === null ? (before?.terms.eligibleWords ?? answer.eligibleWords) : answer.eligibleWords,
        // What is delegated in all no view says, and its sum over all logs of the token is not read.
        otherEligible: null,
        quorum: answer.quorum ?? before?.terms.quorum ?? null,
        quorumChoices: about.quorumChoices,
        // More for than against (GovernorCountingSimple, Bravo).
        threshold: { num: 1n, den: 2n },
        veto: null,
        yes: 1,
        against: [0],
        vetoChoice: null,
        shielded: false,
      },
      votesCount: null,
      link: null,
    };
  }

  async #moment(timepoint: bigint | null, block: BlockRef): Promise<Moment | null> {
    if (timepoint === null || timepoint === 0n) return null;
    if (!this.#about.byTime) return await this.#moments.at(timepoint, block);
    return timepoint > MAX_SECONDS ? null : { atSeconds: Number(timepoint), isEstimated: false };
  }
}

/** An estimate that moves with every block would be a changed end with every round. */
function steady(moment: Moment | null, before: number | null, block: BlockRef): Moment | null {
  if (moment === null || before === null || !moment.isEstimated) return moment;
  const tolerance = Math.max(TOLERANCE_SECONDS, (moment.atSeconds - block.timestampSeconds) * 0.02);
  return Math.abs(moment.atSeconds - before) <= tolerance ? { ...moment, atSeconds: before } : moment;
}

const endWords = (deadline: bigint, end: Moment | null): string =>
  `voting ends at block ${deadline}${end?.isEstimated === false ? '' : ', its time is estimated'}`;
