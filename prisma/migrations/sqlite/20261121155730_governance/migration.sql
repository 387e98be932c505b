-- CreateTable
CREATE TABLE "Proposal" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    "backAtMs" BIGINT
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

    PRIMARY KEY ("proposalId", "voter"),
    CONSTRAINT "Vote_proposalId_fkey" FOREIGN KEY ("proposalId") REFERENCES "Proposal" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Validator" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    "powerChangedAtMs" BIGINT
);

-- CreateTable
CREATE TABLE "GaugeEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "source" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BLOB NOT NULL,
    "emitter" TEXT NOT NULL,
    "says" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "GaugeState" (
    "source" TEXT NOT NULL PRIMARY KEY,
    "readAtMs" BIGINT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "blockHash" BLOB NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "reading" TEXT NOT NULL,
    "locks" BLOB NOT NULL
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

    PRIMARY KEY ("source", "epoch")
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
    "members" BLOB NOT NULL,

    PRIMARY KEY ("set", "day")
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Subscription" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "destinationId" INTEGER NOT NULL,
    "family" TEXT NOT NULL,
    "rule" TEXT NOT NULL DEFAULT '',
    "scope" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "without" TEXT NOT NULL DEFAULT '',
    "floorRank" INTEGER NOT NULL DEFAULT 0,
    "threshold" INTEGER,
    "delaySeconds" INTEGER,
    "mention" TEXT NOT NULL DEFAULT '',
    "pausedUntilMs" BIGINT,
    "createdBy" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    CONSTRAINT "Subscription_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_Subscription" ("createdAtMs", "createdBy", "delaySeconds", "destinationId", "family", "floorRank", "id", "mention", "pausedUntilMs", "rule", "scope", "subject", "threshold") SELECT "createdAtMs", "createdBy", "delaySeconds", "destinationId", "family", "floorRank", "id", "mention", "pausedUntilMs", "rule", "scope", "subject", "threshold" FROM "Subscription";
DROP TABLE "Subscription";
ALTER TABLE "new_Subscription" RENAME TO "Subscription";
CREATE INDEX "Subscription_family_scope_subject_idx" ON "Subscription"("family", "scope", "subject");
CREATE INDEX "Subscription_createdBy_idx" ON "Subscription"("createdBy");
CREATE UNIQUE INDEX "Subscription_destinationId_family_rule_scope_subject_key" ON "Subscription"("destinationId", "family", "rule", "scope", "subject");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

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
