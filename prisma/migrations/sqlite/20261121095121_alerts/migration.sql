-- CreateTable
CREATE TABLE "Mute" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "destinationId" INTEGER NOT NULL,
    "rule" TEXT NOT NULL,
    "untilMs" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "byId" TEXT NOT NULL DEFAULT '',
    "createdAtMs" BIGINT NOT NULL,
    CONSTRAINT "Mute_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Notice" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "incidentId" INTEGER NOT NULL,
    "destinationId" INTEGER NOT NULL,
    "toldAtMs" BIGINT NOT NULL,
    "always" BOOLEAN NOT NULL DEFAULT false,
    "acknowledgedBy" TEXT,
    "acknowledgedById" TEXT,
    "acknowledgedAtMs" BIGINT,
    "snoozedUntilMs" BIGINT,
    "reminders" INTEGER NOT NULL DEFAULT 0,
    "nextReminderAtMs" BIGINT,
    "escalateAtMs" BIGINT,
    CONSTRAINT "Notice_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Notice_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "personId" TEXT NOT NULL,
    "linkedAtMs" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "LinkCode" (
    "hash" TEXT NOT NULL PRIMARY KEY,
    "accountId" TEXT NOT NULL,
    "expiresAtMs" BIGINT NOT NULL
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Destination" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "platform" TEXT NOT NULL,
    "chatId" TEXT NOT NULL,
    "threadId" TEXT NOT NULL DEFAULT '',
    "title" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'channel',
    "state" TEXT NOT NULL DEFAULT 'active',
    "deadReason" TEXT,
    "createdAtMs" BIGINT NOT NULL,
    "timeZone" TEXT NOT NULL DEFAULT 'UTC',
    "locale" TEXT NOT NULL DEFAULT '',
    "quietFromMinute" INTEGER,
    "quietToMinute" INTEGER,
    "quietFromMs" BIGINT,
    "quietToMs" BIGINT,
    "quietCritical" BOOLEAN NOT NULL DEFAULT true,
    "resolveStyle" TEXT NOT NULL DEFAULT 'reply',
    "digest" TEXT NOT NULL DEFAULT 'off',
    "digestMinute" INTEGER NOT NULL DEFAULT 540,
    "nextDigestAtMs" BIGINT,
    "escalateSeconds" INTEGER,
    "escalateMention" TEXT NOT NULL DEFAULT '',
    "escalateToId" INTEGER
);
INSERT INTO "new_Destination" ("chatId", "createdAtMs", "deadReason", "id", "platform", "state", "threadId", "title") SELECT "chatId", "createdAtMs", "deadReason", "id", "platform", "state", "threadId", "title" FROM "Destination";
DROP TABLE "Destination";
ALTER TABLE "new_Destination" RENAME TO "Destination";
CREATE INDEX "Destination_nextDigestAtMs_idx" ON "Destination"("nextDigestAtMs");
CREATE INDEX "Destination_quietToMs_idx" ON "Destination"("quietToMs");
CREATE UNIQUE INDEX "Destination_platform_chatId_threadId_key" ON "Destination"("platform", "chatId", "threadId");
CREATE TABLE "new_Subscription" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "destinationId" INTEGER NOT NULL,
    "family" TEXT NOT NULL,
    "rule" TEXT NOT NULL DEFAULT '',
    "scope" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "floorRank" INTEGER NOT NULL DEFAULT 0,
    "threshold" INTEGER,
    "delaySeconds" INTEGER,
    "mention" TEXT NOT NULL DEFAULT '',
    "pausedUntilMs" BIGINT,
    "createdBy" TEXT NOT NULL,
    "createdAtMs" BIGINT NOT NULL,
    CONSTRAINT "Subscription_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
INSERT INTO "new_Subscription" ("createdAtMs", "createdBy", "destinationId", "family", "id", "scope", "subject") SELECT "createdAtMs", "createdBy", "destinationId", "family", "id", "scope", "subject" FROM "Subscription";
DROP TABLE "Subscription";
ALTER TABLE "new_Subscription" RENAME TO "Subscription";
CREATE INDEX "Subscription_family_scope_subject_idx" ON "Subscription"("family", "scope", "subject");
CREATE INDEX "Subscription_createdBy_idx" ON "Subscription"("createdBy");
CREATE UNIQUE INDEX "Subscription_destinationId_family_rule_scope_subject_key" ON "Subscription"("destinationId", "family", "rule", "scope", "subject");
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
INSERT INTO "new_Incident" ("clearSinceSeconds", "detail", "family", "firedAtMs", "id", "level", "nodeId", "openKey", "owner", "resolvedAtMs", "rule", "severity", "sinceSeconds", "state", "subject", "updatedAtMs") SELECT "clearSinceSeconds", "detail", "family", "firedAtMs", "id", "level", "nodeId", "openKey", "owner", "resolvedAtMs", "rule", "severity", "sinceSeconds", "state", "subject", "updatedAtMs" FROM "Incident";
DROP TABLE "Incident";
ALTER TABLE "new_Incident" RENAME TO "Incident";
CREATE UNIQUE INDEX "Incident_openKey_key" ON "Incident"("openKey");
CREATE INDEX "Incident_state_idx" ON "Incident"("state");
CREATE INDEX "Incident_subject_idx" ON "Incident"("subject");
CREATE INDEX "Incident_firedAtMs_idx" ON "Incident"("firedAtMs");
CREATE TABLE "new_Delivery" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "eventId" INTEGER,
    "view" TEXT,
    "destinationId" INTEGER NOT NULL,
    "mode" TEXT NOT NULL DEFAULT 'send',
    "state" TEXT NOT NULL DEFAULT 'pending',
    "priority" INTEGER NOT NULL DEFAULT 2,
    "groupKey" TEXT NOT NULL DEFAULT '',
    "groupId" INTEGER,
    "mention" TEXT NOT NULL DEFAULT '',
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
INSERT INTO "new_Delivery" ("attempts", "createdAtMs", "destinationId", "editMessageId", "error", "eventId", "id", "messageId", "nextAttemptAtMs", "replyToMessageId", "sentAtMs", "state") SELECT "attempts", "createdAtMs", "destinationId", "editMessageId", "error", "eventId", "id", "messageId", "nextAttemptAtMs", "replyToMessageId", "sentAtMs", "state" FROM "Delivery";
DROP TABLE "Delivery";
ALTER TABLE "new_Delivery" RENAME TO "Delivery";
CREATE INDEX "Delivery_state_nextAttemptAtMs_idx" ON "Delivery"("state", "nextAttemptAtMs");
CREATE INDEX "Delivery_state_priority_nextAttemptAtMs_id_idx" ON "Delivery"("state", "priority", "nextAttemptAtMs", "id");
CREATE INDEX "Delivery_destinationId_state_idx" ON "Delivery"("destinationId", "state");
CREATE INDEX "Delivery_destinationId_groupKey_createdAtMs_idx" ON "Delivery"("destinationId", "groupKey", "createdAtMs");
CREATE INDEX "Delivery_groupId_idx" ON "Delivery"("groupId");
CREATE UNIQUE INDEX "Delivery_eventId_destinationId_mode_key" ON "Delivery"("eventId", "destinationId", "mode");
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "Mute_untilMs_idx" ON "Mute"("untilMs");

-- CreateIndex
CREATE INDEX "Mute_byId_idx" ON "Mute"("byId");

-- CreateIndex
CREATE UNIQUE INDEX "Mute_destinationId_rule_key" ON "Mute"("destinationId", "rule");

-- CreateIndex
CREATE INDEX "Notice_nextReminderAtMs_idx" ON "Notice"("nextReminderAtMs");

-- CreateIndex
CREATE INDEX "Notice_escalateAtMs_idx" ON "Notice"("escalateAtMs");

-- CreateIndex
CREATE INDEX "Notice_acknowledgedById_idx" ON "Notice"("acknowledgedById");

-- CreateIndex
CREATE UNIQUE INDEX "Notice_incidentId_destinationId_key" ON "Notice"("incidentId", "destinationId");

-- CreateIndex
CREATE INDEX "Account_personId_idx" ON "Account"("personId");

-- CreateIndex
CREATE INDEX "LinkCode_expiresAtMs_idx" ON "LinkCode"("expiresAtMs");

-- Data: what was stored before says the same in the new columns.
UPDATE "Incident" SET "severityRank" = CASE "severity" WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END;

-- A message that was tried goes out under its own id again (the platform may have it already).
UPDATE "Delivery" SET
    "mode" = (SELECT CASE e."kind" WHEN 'changed' THEN 'edit' WHEN 'resolved' THEN 'reply' ELSE 'send' END
        FROM "IncidentEvent" e WHERE e."id" = "Delivery"."eventId"),
    "priority" = (SELECT 2 - i."severityRank" FROM "IncidentEvent" e JOIN "Incident" i ON i."id" = e."incidentId"
        WHERE e."id" = "Delivery"."eventId"),
    "groupId" = CASE WHEN "state" = 'pending' AND "attempts" = 0 THEN NULL ELSE "id" END;

-- Discord does not say here which channels are direct messages: they are told apart with the next command there.
UPDATE "Destination" SET "kind" = CASE
    WHEN "platform" = 'terminal' THEN 'terminal'
    WHEN "platform" <> 'telegram' THEN 'channel'
    WHEN "chatId" LIKE '-%' THEN 'group'
    ELSE 'private' END;

-- Whoever was told of what still fires is told of its end. A chat without subscriptions is the admin destination.
INSERT INTO "Notice" ("incidentId", "destinationId", "toldAtMs", "always")
SELECT i."id", d."destinationId", min(d."createdAtMs"),
    NOT EXISTS (SELECT 1 FROM "Subscription" s WHERE s."destinationId" = d."destinationId")
FROM "Delivery" d JOIN "IncidentEvent" e ON e."id" = d."eventId" JOIN "Incident" i ON i."id" = e."incidentId"
WHERE e."kind" = 'fired' AND i."state" = 'firing' AND d."state" IN ('pending', 'sending', 'sent')
GROUP BY i."id", d."destinationId";
