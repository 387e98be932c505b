-- AlterTable
ALTER TABLE "Incident" ADD COLUMN     "topics" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "HubModel" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "task" TEXT,
    "description" TEXT,
    "extra" TEXT NOT NULL DEFAULT '{}',
    "listEntry" TEXT NOT NULL DEFAULT '',
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "datedAtMs" BIGINT,
    "lastSeenAtMs" BIGINT NOT NULL,
    "detailAtMs" BIGINT,
    "shownAtMs" BIGINT,
    "detailProblem" TEXT,
    "goneAtMs" BIGINT,

    CONSTRAINT "HubModel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HubVersion" (
    "id" SERIAL NOT NULL,
    "modelId" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "notes" TEXT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "shownAtMs" BIGINT,
    "datedAtMs" BIGINT,
    "goneAtMs" BIGINT,

    CONSTRAINT "HubVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HubFile" (
    "id" SERIAL NOT NULL,
    "versionId" INTEGER NOT NULL,
    "blobId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sizeBytes" BIGINT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "datedAtMs" BIGINT,
    "goneAtMs" BIGINT,

    CONSTRAINT "HubFile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelBlob" (
    "id" SERIAL NOT NULL,
    "blobId" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "storage" TEXT NOT NULL DEFAULT 'unknown',
    "storageReason" TEXT NOT NULL DEFAULT '',
    "checkedAtMs" BIGINT,
    "nextCheckAtMs" BIGINT NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "sizeBytes" BIGINT,
    "storedAtMs" BIGINT,
    "goneAtMs" BIGINT,
    "listedAtMs" BIGINT,
    "listedAtFirst" BOOLEAN NOT NULL DEFAULT false,
    "completeAtMs" BIGINT,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "firstUsedAtSeconds" BIGINT,
    "lastUsedAtSeconds" BIGINT,

    CONSTRAINT "ModelBlob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelUse" (
    "id" SERIAL NOT NULL,
    "blobId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BYTEA NOT NULL,

    CONSTRAINT "ModelUse_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Settlement" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BYTEA NOT NULL,
    "emitter" TEXT NOT NULL,
    "sender" TEXT,
    "root" BYTEA,
    "batchSize" INTEGER,
    "blobId" TEXT,
    "teeId" BYTEA,
    "requestHash" BYTEA,
    "outputHash" BYTEA,
    "signedAtSeconds" BIGINT,
    "signature" BYTEA,
    "payer" TEXT,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "seenAtMs" BIGINT NOT NULL,
    "decidedAtMs" BIGINT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextCheckAtMs" BIGINT,
    "valid" INTEGER NOT NULL DEFAULT 0,
    "badSignature" INTEGER NOT NULL DEFAULT 0,
    "unsigned" INTEGER NOT NULL DEFAULT 0,
    "unknownNode" INTEGER NOT NULL DEFAULT 0,
    "noKey" INTEGER NOT NULL DEFAULT 0,
    "repeated" INTEGER NOT NULL DEFAULT 0,
    "faultAtMs" BIGINT,

    CONSTRAINT "Settlement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Leaf" (
    "settlementId" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "teeId" BYTEA NOT NULL,
    "requestHash" BYTEA NOT NULL,
    "outputHash" BYTEA NOT NULL,
    "signedAtSeconds" BIGINT NOT NULL,
    "verdict" INTEGER NOT NULL,
    "standing" INTEGER NOT NULL,
    "repeat" BOOLEAN NOT NULL,

    CONSTRAINT "Leaf_pkey" PRIMARY KEY ("settlementId","position")
);

-- CreateTable
CREATE TABLE "SettlementParty" (
    "address" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "firstSeenAtSeconds" BIGINT NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "lastSeenAtSeconds" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "atFirst" BOOLEAN NOT NULL,

    CONSTRAINT "SettlementParty_pkey" PRIMARY KEY ("address","kind")
);

-- CreateTable
CREATE TABLE "ProofHour" (
    "hour" INTEGER NOT NULL,
    "nodeId" INTEGER NOT NULL,
    "mode" TEXT NOT NULL,
    "settled" INTEGER NOT NULL DEFAULT 0,
    "valid" INTEGER NOT NULL DEFAULT 0,
    "badSignature" INTEGER NOT NULL DEFAULT 0,
    "unsigned" INTEGER NOT NULL DEFAULT 0,
    "unknownNode" INTEGER NOT NULL DEFAULT 0,
    "noKey" INTEGER NOT NULL DEFAULT 0,
    "delays" BYTEA,
    "maxDelaySeconds" INTEGER NOT NULL DEFAULT 0,
    "clamped" INTEGER NOT NULL DEFAULT 0,
    "signed" INTEGER NOT NULL DEFAULT 0,
    "exposedSeconds" BIGINT NOT NULL DEFAULT 0,
    "lastSignedAtSeconds" BIGINT NOT NULL DEFAULT 0,
    "lastSettledAtSeconds" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "ProofHour_pkey" PRIMARY KEY ("hour","nodeId","mode")
);

-- CreateTable
CREATE TABLE "ProofWatch" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "signedAtSeconds" BIGINT,
    "createdAtMs" BIGINT NOT NULL,
    "createdAtSeconds" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "reason" TEXT NOT NULL DEFAULT '',
    "settlementId" INTEGER,
    "mode" TEXT,
    "delaySeconds" INTEGER,
    "decidedAtMs" BIGINT,

    CONSTRAINT "ProofWatch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UsageSample" (
    "source" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,

    CONSTRAINT "UsageSample_pkey" PRIMARY KEY ("source","atMs")
);

-- CreateTable
CREATE TABLE "UsageDay" (
    "day" TEXT NOT NULL,
    "requests" BIGINT NOT NULL,
    "costOpg" TEXT NOT NULL,
    "inputTokens" BIGINT NOT NULL,
    "outputTokens" BIGINT NOT NULL,
    "readAtMs" BIGINT NOT NULL,

    CONSTRAINT "UsageDay_pkey" PRIMARY KEY ("day")
);

-- CreateIndex
CREATE UNIQUE INDEX "HubModel_key_key" ON "HubModel"("key");

-- CreateIndex
CREATE INDEX "HubModel_author_idx" ON "HubModel"("author");

-- CreateIndex
CREATE INDEX "HubModel_firstSeenAtMs_idx" ON "HubModel"("firstSeenAtMs");

-- CreateIndex
CREATE INDEX "HubVersion_firstSeenAtMs_idx" ON "HubVersion"("firstSeenAtMs");

-- CreateIndex
CREATE UNIQUE INDEX "HubVersion_modelId_version_key" ON "HubVersion"("modelId", "version");

-- CreateIndex
CREATE INDEX "HubFile_blobId_idx" ON "HubFile"("blobId");

-- CreateIndex
CREATE INDEX "HubFile_firstSeenAtMs_idx" ON "HubFile"("firstSeenAtMs");

-- CreateIndex
CREATE UNIQUE INDEX "HubFile_versionId_blobId_name_key" ON "HubFile"("versionId", "blobId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "ModelBlob_blobId_key" ON "ModelBlob"("blobId");

-- CreateIndex
CREATE INDEX "ModelBlob_nextCheckAtMs_idx" ON "ModelBlob"("nextCheckAtMs");

-- CreateIndex
CREATE INDEX "ModelBlob_listedAtMs_storedAtMs_idx" ON "ModelBlob"("listedAtMs", "storedAtMs");

-- CreateIndex
CREATE INDEX "ModelBlob_listedAtFirst_listedAtMs_idx" ON "ModelBlob"("listedAtFirst", "listedAtMs");

-- CreateIndex
CREATE INDEX "ModelBlob_listedAtFirst_storedAtMs_idx" ON "ModelBlob"("listedAtFirst", "storedAtMs");

-- CreateIndex
CREATE INDEX "ModelBlob_goneAtMs_idx" ON "ModelBlob"("goneAtMs");

-- CreateIndex
CREATE INDEX "ModelBlob_lastUsedAtSeconds_idx" ON "ModelBlob"("lastUsedAtSeconds");

-- CreateIndex
CREATE INDEX "ModelUse_blobId_idx" ON "ModelUse"("blobId");

-- CreateIndex
CREATE UNIQUE INDEX "ModelUse_blockNumber_logIndex_key" ON "ModelUse"("blockNumber", "logIndex");

-- CreateIndex
CREATE INDEX "Settlement_nextCheckAtMs_blockTimestampSeconds_idx" ON "Settlement"("nextCheckAtMs", "blockTimestampSeconds");

-- CreateIndex
CREATE INDEX "Settlement_blockTimestampSeconds_idx" ON "Settlement"("blockTimestampSeconds");

-- CreateIndex
CREATE INDEX "Settlement_txHash_idx" ON "Settlement"("txHash");

-- CreateIndex
CREATE INDEX "Settlement_root_idx" ON "Settlement"("root");

-- CreateIndex
CREATE INDEX "Settlement_blobId_idx" ON "Settlement"("blobId");

-- CreateIndex
CREATE INDEX "Settlement_kind_state_blockTimestampSeconds_batchSize_idx" ON "Settlement"("kind", "state", "blockTimestampSeconds", "batchSize");

-- CreateIndex
CREATE INDEX "Settlement_faultAtMs_idx" ON "Settlement"("faultAtMs");

-- CreateIndex
CREATE UNIQUE INDEX "Settlement_blockNumber_logIndex_key" ON "Settlement"("blockNumber", "logIndex");

-- CreateIndex
CREATE INDEX "Leaf_requestHash_idx" ON "Leaf"("requestHash");

-- CreateIndex
CREATE INDEX "SettlementParty_firstSeenAtMs_idx" ON "SettlementParty"("firstSeenAtMs");

-- CreateIndex
CREATE INDEX "ProofHour_nodeId_hour_idx" ON "ProofHour"("nodeId", "hour");

-- CreateIndex
CREATE INDEX "ProofWatch_state_idx" ON "ProofWatch"("state");

-- CreateIndex
CREATE INDEX "ProofWatch_hash_idx" ON "ProofWatch"("hash");

-- AddForeignKey
ALTER TABLE "HubVersion" ADD CONSTRAINT "HubVersion_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "HubModel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "HubFile" ADD CONSTRAINT "HubFile_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "HubVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Leaf" ADD CONSTRAINT "Leaf_settlementId_fkey" FOREIGN KEY ("settlementId") REFERENCES "Settlement"("id") ON DELETE CASCADE ON UPDATE CASCADE;
