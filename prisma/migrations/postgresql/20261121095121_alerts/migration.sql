-- DropIndex
DROP INDEX "Subscription_destinationId_family_scope_subject_key";

-- DropIndex
DROP INDEX "Delivery_eventId_destinationId_key";

-- AlterTable
ALTER TABLE "Destination" ADD COLUMN     "digest" TEXT NOT NULL DEFAULT 'off',
ADD COLUMN     "digestMinute" INTEGER NOT NULL DEFAULT 540,
ADD COLUMN     "escalateMention" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "escalateSeconds" INTEGER,
ADD COLUMN     "escalateToId" INTEGER,
ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'channel',
ADD COLUMN     "locale" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "nextDigestAtMs" BIGINT,
ADD COLUMN     "quietCritical" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "quietFromMinute" INTEGER,
ADD COLUMN     "quietFromMs" BIGINT,
ADD COLUMN     "quietToMinute" INTEGER,
ADD COLUMN     "quietToMs" BIGINT,
ADD COLUMN     "resolveStyle" TEXT NOT NULL DEFAULT 'reply',
ADD COLUMN     "timeZone" TEXT NOT NULL DEFAULT 'UTC';

-- AlterTable
ALTER TABLE "Subscription" ADD COLUMN     "delaySeconds" INTEGER,
ADD COLUMN     "floorRank" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "mention" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "pausedUntilMs" BIGINT,
ADD COLUMN     "rule" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "threshold" INTEGER;

-- AlterTable
ALTER TABLE "Incident" ADD COLUMN     "inhibitedBy" TEXT,
ADD COLUMN     "severityRank" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "unstable" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "value" INTEGER;

-- AlterTable
ALTER TABLE "Delivery" ADD COLUMN     "groupId" INTEGER,
ADD COLUMN     "groupKey" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "mention" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "mode" TEXT NOT NULL DEFAULT 'send',
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 2,
ADD COLUMN     "view" TEXT,
ALTER COLUMN "eventId" DROP NOT NULL;

-- CreateTable
CREATE TABLE "Mute" (
    "id" SERIAL NOT NULL,
    "destinationId" INTEGER NOT NULL,
    "rule" TEXT NOT NULL,
    "untilMs" BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    "byId" TEXT NOT NULL DEFAULT '',
    "createdAtMs" BIGINT NOT NULL,

    CONSTRAINT "Mute_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Notice" (
    "id" SERIAL NOT NULL,
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

    CONSTRAINT "Notice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "linkedAtMs" BIGINT NOT NULL,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LinkCode" (
    "hash" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "expiresAtMs" BIGINT NOT NULL,

    CONSTRAINT "LinkCode_pkey" PRIMARY KEY ("hash")
);

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

-- CreateIndex
CREATE INDEX "Destination_nextDigestAtMs_idx" ON "Destination"("nextDigestAtMs");

-- CreateIndex
CREATE INDEX "Destination_quietToMs_idx" ON "Destination"("quietToMs");

-- CreateIndex
CREATE INDEX "Subscription_createdBy_idx" ON "Subscription"("createdBy");

-- CreateIndex
CREATE UNIQUE INDEX "Subscription_destinationId_family_rule_scope_subject_key" ON "Subscription"("destinationId", "family", "rule", "scope", "subject");

-- CreateIndex
CREATE INDEX "Incident_firedAtMs_idx" ON "Incident"("firedAtMs");

-- CreateIndex
CREATE INDEX "Delivery_state_priority_nextAttemptAtMs_id_idx" ON "Delivery"("state", "priority", "nextAttemptAtMs", "id");

-- CreateIndex
CREATE INDEX "Delivery_destinationId_groupKey_createdAtMs_idx" ON "Delivery"("destinationId", "groupKey", "createdAtMs");

-- CreateIndex
CREATE INDEX "Delivery_groupId_idx" ON "Delivery"("groupId");

-- CreateIndex
CREATE UNIQUE INDEX "Delivery_eventId_destinationId_mode_key" ON "Delivery"("eventId", "destinationId", "mode");

-- AddForeignKey
ALTER TABLE "Mute" ADD CONSTRAINT "Mute_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Notice" ADD CONSTRAINT "Notice_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Notice" ADD CONSTRAINT "Notice_destinationId_fkey" FOREIGN KEY ("destinationId") REFERENCES "Destination"("id") ON DELETE CASCADE ON UPDATE CASCADE;

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
