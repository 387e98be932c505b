-- CreateTable
CREATE TABLE "HubModel" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    "goneAtMs" BIGINT
);

-- CreateTable
CREATE TABLE "HubVersion" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "modelId" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "notes" TEXT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "shownAtMs" BIGINT,
    "datedAtMs" BIGINT,
    "goneAtMs" BIGINT,
    CONSTRAINT "HubVersion_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "HubModel" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "HubFile" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "versionId" INTEGER NOT NULL,
    "blobId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sizeBytes" BIGINT,
    "atFirst" BOOLEAN NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "datedAtMs" BIGINT,
    "goneAtMs" BIGINT,
    CONSTRAINT "HubFile_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "HubVersion" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ModelBlob" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    "lastUsedAtSeconds" BIGINT
);

-- CreateTable
CREATE TABLE "ModelUse" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "blobId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "Settlement" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" BLOB NOT NULL,
    "emitter" TEXT NOT NULL,
    "sender" TEXT,
    "root" BLOB,
    "batchSize" INTEGER,
    "blobId" TEXT,
    "teeId" BLOB,
    "requestHash" BLOB,
    "outputHash" BLOB,
    "signedAtSeconds" BIGINT,
    "signature" BLOB,
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
    "faultAtMs" BIGINT
);

-- CreateTable
CREATE TABLE "Leaf" (
    "settlementId" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "teeId" BLOB NOT NULL,
    "requestHash" BLOB NOT NULL,
    "outputHash" BLOB NOT NULL,
    "signedAtSeconds" BIGINT NOT NULL,
    "verdict" INTEGER NOT NULL,
    "standing" INTEGER NOT NULL,
    "repeat" BOOLEAN NOT NULL,

    PRIMARY KEY ("settlementId", "position"),
    CONSTRAINT "Leaf_settlementId_fkey" FOREIGN KEY ("settlementId") REFERENCES "Settlement" ("id") ON DELETE CASCADE ON UPDATE CASCADE
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

    PRIMARY KEY ("address", "kind")
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
    "delays" BLOB,
    "maxDelaySeconds" INTEGER NOT NULL DEFAULT 0,
    "clamped" INTEGER NOT NULL DEFAULT 0,
    "signed" INTEGER NOT NULL DEFAULT 0,
    "exposedSeconds" BIGINT NOT NULL DEFAULT 0,
    "lastSignedAtSeconds" BIGINT NOT NULL DEFAULT 0,
    "lastSettledAtSeconds" BIGINT NOT NULL DEFAULT 0,

    PRIMARY KEY ("hour", "nodeId", "mode")
);

-- CreateTable
CREATE TABLE "ProofWatch" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "hash" BLOB NOT NULL,
    "signedAtSeconds" BIGINT,
    "createdAtMs" BIGINT NOT NULL,
    "createdAtSeconds" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "reason" TEXT NOT NULL DEFAULT '',
    "settlementId" INTEGER,
    "mode" TEXT,
    "delaySeconds" INTEGER,
    "decidedAtMs" BIGINT
);

-- CreateTable
CREATE TABLE "UsageSample" (
    "source" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,

    PRIMARY KEY ("source", "atMs")
);

-- CreateTable
CREATE TABLE "UsageDay" (
    "day" TEXT NOT NULL PRIMARY KEY,
    "requests" BIGINT NOT NULL,
    "costOpg" TEXT NOT NULL,
    "inputTokens" BIGINT NOT NULL,
    "outputTokens" BIGINT NOT NULL,
    "readAtMs" BIGINT NOT NULL
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Incident" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "rule" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "openKey" TEXT,
    "state" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "severityRank" INTEGER NOT NULL DEFAULT 0,
    "level" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "nodeId" INTEGER,
    "owner" TEXT,
    "topics" TEXT NOT NULL DEFAULT '',
    "value" INTEGER,
    "unstable" BOOLEAN NOT NULL DEFAULT false,
    "inhibitedBy" TEXT,
    "sinceSeconds" BIGINT NOT NULL,
    "clearSinceSeconds" BIGINT,
    "firedAtMs" BIGINT,
    "resolvedAtMs" BIGINT,
    "updatedAtMs" BIGINT NOT NULL,
    "detail" TEXT NOT NULL
);
INSERT INTO "new_Incident" ("clearSinceSeconds", "detail", "family", "firedAtMs", "id", "inhibitedBy", "level", "nodeId", "openKey", "owner", "resolvedAtMs", "rule", "severity", "severityRank", "sinceSeconds", "state", "subject", "unstable", "updatedAtMs", "value") SELECT "clearSinceSeconds", "detail", "family", "firedAtMs", "id", "inhibitedBy", "level", "nodeId", "openKey", "owner", "resolvedAtMs", "rule", "severity", "severityRank", "sinceSeconds", "state", "subject", "unstable", "updatedAtMs", "value" FROM "Incident";
DROP TABLE "Incident";
ALTER TABLE "new_Incident" RENAME TO "Incident";
CREATE UNIQUE INDEX "Incident_openKey_key" ON "Incident"("openKey");
CREATE INDEX "Incident_state_idx" ON "Incident"("state");
CREATE INDEX "Incident_subject_idx" ON "Incident"("subject");
CREATE INDEX "Incident_firedAtMs_idx" ON "Incident"("firedAtMs");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

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
