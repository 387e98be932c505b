-- AlterTable
ALTER TABLE "Subscription" ADD COLUMN     "without" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "Proposal" (
    "id" SERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "proposer" TEXT,
    "status" TEXT NOT NULL,
    "kinds" TEXT NOT NULL DEFAULT '[]',
    "submittedAtSeconds" BIGINT,
    "startAtSeconds" BIGINT,
    "endAtSeconds" BIGINT,
    "choices" TEXT NOT NULL DEFAULT '[]',
    "tally" TEXT,
    "terms" TEXT NOT NULL DEFAULT '{}',
    "votesCount" INTEGER,
    "link" TEXT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "lastReadAtMs" BIGINT NOT NULL,
    "statusAtMs" BIGINT NOT NULL,
    "previousEndAtSeconds" BIGINT,
    "endChangedAtMs" BIGINT,
    "closedAtMs" BIGINT,
    "closedAtSeconds" BIGINT,
    "votesReadAtMs" BIGINT,
    "storedVotes" INTEGER NOT NULL DEFAULT 0,
    "backAtMs" BIGINT,

    CONSTRAINT "Proposal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Vote" (
    "proposalId" INTEGER NOT NULL,
    "voter" TEXT NOT NULL,
    "choices" TEXT NOT NULL,
    "power" TEXT,
    "castAtSeconds" BIGINT,
    "firstSeenAtMs" BIGINT NOT NULL,
    "changedAtMs" BIGINT,
    "atFirst" BOOLEAN NOT NULL,

    CONSTRAINT "Vote_pkey" PRIMARY KEY ("proposalId","voter")
);

-- CreateTable
CREATE TABLE "Validator" (
    "id" SERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "consensus" TEXT,
    "moniker" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "jailed" BOOLEAN NOT NULL,
    "tombstoned" BOOLEAN NOT NULL,
    "tokensWei" TEXT NOT NULL,
    "jailedUntilSeconds" BIGINT,
    "missedBlocks" INTEGER,
    "windowBlocks" INTEGER,
    "minSignedPpm" INTEGER,
    "startHeight" BIGINT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "lastReadAtMs" BIGINT NOT NULL,
    "jailedAtMs" BIGINT,
    "unjailedAtMs" BIGINT,
    "missingAtMs" BIGINT,
    "goneAtMs" BIGINT,
    "returnedAtMs" BIGINT,
    "previousTokensWei" TEXT,
    "powerChangedAtMs" BIGINT,

    CONSTRAINT "Validator_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GaugeEvent" (
    "id" SERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BYTEA NOT NULL,
    "emitter" TEXT NOT NULL,
    "says" TEXT NOT NULL,

    CONSTRAINT "GaugeEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GaugeState" (
    "source" TEXT NOT NULL,
    "readAtMs" BIGINT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "blockHash" BYTEA NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "reading" TEXT NOT NULL,
    "locks" BYTEA NOT NULL,

    CONSTRAINT "GaugeState_pkey" PRIMARY KEY ("source")
);

-- CreateTable
CREATE TABLE "GaugeEpoch" (
    "source" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "voteEndSeconds" BIGINT NOT NULL,
    "season" INTEGER,
    "eligiblePower" TEXT NOT NULL,
    "eligibleWallets" INTEGER NOT NULL,
    "readAtSeconds" BIGINT NOT NULL,
    "readAtMs" BIGINT NOT NULL,

    CONSTRAINT "GaugeEpoch_pkey" PRIMARY KEY ("source","epoch")
);

-- CreateTable
CREATE TABLE "SetDay" (
    "set" TEXT NOT NULL,
    "day" TEXT NOT NULL,
    "openAtMs" BIGINT NOT NULL,
    "readAtMs" BIGINT NOT NULL,
    "opening" TEXT NOT NULL,
    "latest" TEXT NOT NULL,
    "about" TEXT NOT NULL,
    "members" BYTEA NOT NULL,

    CONSTRAINT "SetDay_pkey" PRIMARY KEY ("set","day")
);

-- CreateIndex
CREATE INDEX "Proposal_status_idx" ON "Proposal"("status");

-- CreateIndex
CREATE INDEX "Proposal_closedAtMs_idx" ON "Proposal"("closedAtMs");

-- CreateIndex
CREATE INDEX "Proposal_firstSeenAtMs_idx" ON "Proposal"("firstSeenAtMs");

-- CreateIndex
CREATE UNIQUE INDEX "Proposal_source_ref_key" ON "Proposal"("source", "ref");

-- CreateIndex
CREATE INDEX "Vote_voter_idx" ON "Vote"("voter");

-- CreateIndex
CREATE INDEX "Vote_firstSeenAtMs_idx" ON "Vote"("firstSeenAtMs");

-- CreateIndex
CREATE UNIQUE INDEX "Validator_source_address_key" ON "Validator"("source", "address");

-- CreateIndex
CREATE INDEX "GaugeEvent_source_blockTimestampSeconds_idx" ON "GaugeEvent"("source", "blockTimestampSeconds");

-- CreateIndex
CREATE UNIQUE INDEX "GaugeEvent_source_blockNumber_logIndex_key" ON "GaugeEvent"("source", "blockNumber", "logIndex");

-- CreateIndex
CREATE INDEX "SetDay_day_idx" ON "SetDay"("day");

-- AddForeignKey
ALTER TABLE "Vote" ADD CONSTRAINT "Vote_proposalId_fkey" FOREIGN KEY ("proposalId") REFERENCES "Proposal"("id") ON DELETE CASCADE ON UPDATE CASCADE;
