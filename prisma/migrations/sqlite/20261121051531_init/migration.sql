-- CreateTable
CREATE TABLE "Meta" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "SourceStatus" (
    "source" TEXT NOT NULL PRIMARY KEY,
    "state" TEXT NOT NULL,
    "lastSuccessAtMs" BIGINT,
    "lastAttemptAtMs" BIGINT,
    "failingSinceMs" BIGINT,
    "error" TEXT,
    "shortError" TEXT
);

-- CreateTable
CREATE TABLE "Cursor" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "blockNumber" BIGINT NOT NULL,
    "blockHash" TEXT NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "RegistryState" (
    "registry" TEXT NOT NULL PRIMARY KEY,
    "chainId" INTEGER NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "blockHash" TEXT NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "readAtMs" BIGINT NOT NULL,
    "heartbeatMaxAgeSeconds" INTEGER NOT NULL,
    "types" TEXT NOT NULL,
    "approvedPcrs" TEXT
);

-- CreateTable
CREATE TABLE "Node" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "key" TEXT NOT NULL,
    "firstSeenAtMs" BIGINT NOT NULL,
    "lastBeatAtSeconds" BIGINT
);

-- CreateTable
CREATE TABLE "TeeRecord" (
    "teeId" TEXT NOT NULL PRIMARY KEY,
    "nodeId" INTEGER NOT NULL,
    "registry" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "paymentAddress" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "publicKeyDer" BLOB NOT NULL,
    "tlsCertificateDer" BLOB NOT NULL,
    "pcrHash" TEXT NOT NULL,
    "teeType" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "registeredAtSeconds" BIGINT NOT NULL,
    "lastHeartbeatAtSeconds" BIGINT NOT NULL,
    "layout" INTEGER NOT NULL,
    "ohttp" BOOLEAN,
    CONSTRAINT "TeeRecord_nodeId_fkey" FOREIGN KEY ("nodeId") REFERENCES "Node" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RegistryEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "registry" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "blockNumber" BIGINT NOT NULL,
    "logIndex" INTEGER NOT NULL,
    "blockTimestampSeconds" BIGINT NOT NULL,
    "txHash" TEXT NOT NULL,
    "teeId" TEXT,
    "pcrHash" TEXT,
    "teeType" INTEGER,
    "owner" TEXT,
    "signedAtSeconds" BIGINT
);

-- CreateTable
CREATE TABLE "ProbeLatest" (
    "teeId" TEXT NOT NULL PRIMARY KEY,
    "nodeId" INTEGER NOT NULL,
    "endpoint" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "outcome" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "latencyMs" REAL,
    "certificateMatches" BOOLEAN,
    "certificateExpiresAtSeconds" BIGINT,
    "identityMatches" BOOLEAN,
    "priceAgeSeconds" BIGINT,
    "heartbeatErrors" INTEGER,
    "heartbeatLastError" TEXT,
    "streak" INTEGER NOT NULL,
    "streakSinceMs" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "ProbeSample" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "nodeId" INTEGER NOT NULL,
    "atMs" BIGINT NOT NULL,
    "outcome" TEXT NOT NULL,
    "latencyMs" REAL,
    CONSTRAINT "ProbeSample_nodeId_fkey" FOREIGN KEY ("nodeId") REFERENCES "Node" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "NodeHour" (
    "nodeId" INTEGER NOT NULL,
    "hour" INTEGER NOT NULL,
    "beats" INTEGER NOT NULL DEFAULT 0,
    "coveredSeconds" INTEGER NOT NULL DEFAULT 0,
    "activeSeconds" INTEGER NOT NULL DEFAULT 0,
    "probes" INTEGER NOT NULL DEFAULT 0,
    "reached" INTEGER NOT NULL DEFAULT 0,
    "latencyHistogram" BLOB,

    PRIMARY KEY ("nodeId", "hour"),
    CONSTRAINT "NodeHour_nodeId_fkey" FOREIGN KEY ("nodeId") REFERENCES "Node" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Destination" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "platform" TEXT NOT NULL,
    "chatId" TEXT NOT NULL,
    "threadId" TEXT NOT NULL DEFAULT '',
    "title" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "deadReason" TEXT,
    "createdAtMs" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Subscription" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "destinationId" INTEGER NOT NULL,
    "family" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    CONSTRAINT "Subscription_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Incident" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "rule" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "openKey" TEXT,
    "state" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "nodeId" INTEGER,
    "owner" TEXT,
    "sinceSeconds" BIGINT NOT NULL,
    "clearSinceSeconds" BIGINT,
    "firedAtMs" BIGINT,
    "resolvedAtMs" BIGINT,
    "updatedAtMs" BIGINT NOT NULL,
    "detail" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "IncidentEvent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "incidentId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "atMs" BIGINT NOT NULL,
    "view" TEXT NOT NULL,
    CONSTRAINT "IncidentEvent_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Delivery" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "eventId" INTEGER NOT NULL,
    "destinationId" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAtMs" BIGINT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    "sentAtMs" BIGINT,
    "messageId" TEXT,
    "editMessageId" TEXT,
    "replyToMessageId" TEXT,
    "error" TEXT,
    CONSTRAINT "Delivery_eventId_fkey" FOREIGN KEY ("eventId") REFERENCES "IncidentEvent" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Delivery_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "Node_key_key" ON "Node"("key");

-- CreateIndex
CREATE INDEX "TeeRecord_nodeId_idx" ON "TeeRecord"("nodeId");

-- CreateIndex
CREATE INDEX "TeeRecord_owner_idx" ON "TeeRecord"("owner");

-- CreateIndex
CREATE INDEX "RegistryEvent_teeId_blockTimestampSeconds_idx" ON "RegistryEvent"("teeId", "blockTimestampSeconds");

-- CreateIndex
CREATE INDEX "RegistryEvent_kind_blockTimestampSeconds_idx" ON "RegistryEvent"("kind", "blockTimestampSeconds");

-- CreateIndex
CREATE UNIQUE INDEX "RegistryEvent_registry_blockNumber_logIndex_key" ON "RegistryEvent"("registry", "blockNumber", "logIndex");

-- CreateIndex
CREATE INDEX "ProbeSample_nodeId_atMs_idx" ON "ProbeSample"("nodeId", "atMs");

-- CreateIndex
CREATE INDEX "ProbeSample_atMs_idx" ON "ProbeSample"("atMs");

-- CreateIndex
CREATE INDEX "NodeHour_hour_idx" ON "NodeHour"("hour");

-- CreateIndex
CREATE UNIQUE INDEX "Destination_platform_chatId_threadId_key" ON "Destination"("platform", "chatId", "threadId");

-- CreateIndex
CREATE INDEX "Subscription_family_scope_subject_idx" ON "Subscription"("family", "scope", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "Subscription_destinationId_family_scope_subject_key" ON "Subscription"("destinationId", "family", "scope", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "Incident_openKey_key" ON "Incident"("openKey");

-- CreateIndex
CREATE INDEX "Incident_state_idx" ON "Incident"("state");

-- CreateIndex
CREATE INDEX "Incident_subject_idx" ON "Incident"("subject");

-- CreateIndex
CREATE INDEX "IncidentEvent_incidentId_idx" ON "IncidentEvent"("incidentId");

-- CreateIndex
CREATE INDEX "Delivery_state_nextAttemptAtMs_idx" ON "Delivery"("state", "nextAttemptAtMs");

-- CreateIndex
CREATE INDEX "Delivery_destinationId_state_idx" ON "Delivery"("destinationId", "state");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_eventId_destinationId_key" ON "Delivery"("eventId", "destinationId");
