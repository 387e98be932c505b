import { InputFile } from 'grammy';
import { fileName } from '../../lib/fileText.ts';
import type { View } from '../../lib/view.ts';

/** What goes along with a text: the chart as it was drawn, and the file to take along. */
export interface Attachment {
  kind: 'photo' | 'document';
  name: string;
  bytes: Uint8Array;
}

export const photo = (bytes: Uint8Array): Attachment => ({ kind: 'photo', name: 'chart.png', bytes });

export const documentOf = ({ name, text }: NonNullable<View['file']>): Attachment => ({
  kind: 'document',
  name: fileName(name),
  bytes: new TextEncoder().encode(text),
});

export const inputFile = ({ bytes, name }: Attachment): InputFile => new InputFile(bytes, name);
