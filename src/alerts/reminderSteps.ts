/** How long before its end a vote is called to mind, the longest first. A rule for each, so that a subscription chooses. */
export const REMINDER_STEPS = [
  { name: '24h', seconds: 86_400 },
  { name: '6h', seconds: 21_600 },
  { name: '1h', seconds: 3_600 },
] as const;
export type ReminderStep = (typeof REMINDER_STEPS)[number];

/** `gov.ends-6h` */
export const reminderRule = (family: string, { name }: Pick<ReminderStep, 'name'>): string => `${family}.ends-${name}`;
