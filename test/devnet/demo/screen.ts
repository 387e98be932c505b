/** Whether colours reach somebody. */
export const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

export const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[0m` : text);

export const say = (text = ''): void => void process.stdout.write(`${text}\n`);

export type Say = typeof say;

/** An answer as it stands below its question. */
export const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  │ ${line}`)
    .join('\n');

/**
 * Runs them at the same time; what they say comes one story after the other. The first that is not over speaks as it goes. Rejects
 * with the first error of any.
 */
export async function sideBySide(stories: readonly ((say: Say) => Promise<void>)[]): Promise<void> {
  let speaking = 0;
  const held = stories.map((): string[] => []);
  const over = stories.map(() => false);
  const speakNext = (): void => {
    while (over[speaking]) {
      speaking += 1;
      for (const text of held[speaking]?.splice(0) ?? []) say(text);
    }
  };
  await Promise.all(
    stories.map(async (story, index) => {
      await story((text = '') => {
        if (index === speaking) say(text);
        else held[index]?.push(text);
      });
      over[index] = true;
      speakNext();
    }),
  );
}
