import { isBlobId } from '../lib/modelFacts.ts';
import { cleanText, duration, plural } from '../lib/units.ts';
import { fileKind } from './fileKind.ts';
import type { LineageFile } from './lineage.ts';
import { bad, good, hiddenBecause, LOOK_YOURSELF, NOT_LISTED, names, unknown } from './modelCheck.ts';
import type { ModelCheck, ModelCheckInput } from './modelDoctor.ts';
import { sourceWords } from './sourceWords.ts';

const FILE_CHECKS = ['has files', 'file type', 'id well-formed', 'blob readable'] as const;

/** Of the files of the versions that are listed. */
export function checkFiles(input: ModelCheckInput, files: readonly LineageFile[]): ModelCheck[] {
  const { model, blobs, sources } = input;
  if (model === null) return FILE_CHECKS.map((check) => unknown(check, NOT_LISTED));
  if (files.length === 0) {
    const problem = hiddenBecause(input);
    const [first, ...rest] = FILE_CHECKS;
    return [
      problem === null
        ? bad(first, 'no version has a file', 'Upload a file to a release; what was uploaded and is not shown is late.')
        : unknown(first, problem, LOOK_YOURSELF),
      ...rest.map((check) => unknown(check, problem ?? 'there is no file')),
    ];
  }
  const nameless = files.filter(({ name }) => fileKind(name).ending === null);
  const malformed = files.filter(({ blobId }) => !isBlobId(blobId));
  return [
    good('has files', plural(files.length, 'file')),
    nameless.length > 0
      ? bad('file type', `not known from its name: ${names(nameless.map(({ name }) => name))}`, 'Name files by format.')
      : good('file type', names([...new Set(files.map(({ name }) => `.${fileKind(name).ending}`))].sort())),
    malformed.length > 0
      ? bad(
          'id well-formed',
          `no blob id or CID: ${names(malformed.map(({ blobId }) => blobId))}`,
          'Upload the file again: nothing can be fetched under such an id.',
        )
      : good('id well-formed', 'every file has a blob id or CID'),
    readable(files, blobs, sources),
  ];
}

function readable(
  files: readonly LineageFile[],
  blobs: ModelCheckInput['blobs'],
  sources: ModelCheckInput['sources'],
): ModelCheck {
  const check = 'blob readable';
  const gone = files.filter(({ blobId }) => blobs.get(blobId)?.storage === 'missing');
  const open = files.filter(({ blobId }) => (blobs.get(blobId)?.storage ?? 'unknown') === 'unknown');
  if (gone.length > 0) {
    return bad(
      check,
      `not readable: ${names(gone.map(({ name }) => name))}`,
      'Upload it again, or have its storage renewed: storage runs out after a number of epochs.',
    );
  }
  if (open.length > 0) {
    const because = sourceWords(sources.storage, 'storage') ?? blobs.get(open[0]?.blobId ?? '')?.storageReason ?? '';
    const list = names(open.map(({ name }) => name));
    return unknown(check, cleanText(`${list}: ${because || 'not asked for yet'}`, 200), 'Ask again later.');
  }
  return good(check, 'every file is readable');
}

/** Whether it runs, and whether it is run. */
export function checkUse(input: ModelCheckInput, files: readonly LineageFile[]): ModelCheck[] {
  const { model, versions, blobs, sources, nowMs } = input;
  const usesOf = (blobId: string): number => blobs.get(blobId)?.uses ?? 0;
  const uses = [...new Set(files.map(({ blobId }) => blobId))].reduce((sum, blobId) => sum + usesOf(blobId), 0);
  const last = Math.max(...files.map(({ blobId }) => blobs.get(blobId)?.lastUsedAtSeconds ?? 0));
  const lastAge = last > 0 ? `, the last ${duration(nowMs / 1000 - last)} ago` : '';
  const onnx = files.filter(({ name }) => fileKind(name).runs);
  const gone = onnx.filter(({ blobId }) => blobs.get(blobId)?.storage === 'missing');
  const listed = new Set(model?.goneAtMs === null ? files.map(({ blobId }) => blobId) : []);
  const unlisted = versions
    .flatMap((version) => version.files)
    .filter(({ blobId }) => usesOf(blobId) > 0 && !listed.has(blobId));
  const chain = sourceWords(sources.use, 'the chain');
  return [
    files.length === 0
      ? unknown('runnable', 'no file of it is known')
      : onnx.length > 0 && gone.length === onnx.length
        ? bad(
            'runnable',
            `.onnx, but not readable: ${names(onnx.map(({ name }) => name))}`,
            'It runs once storage has it again.',
          )
        : onnx.length > 0 || uses > 0
          ? good(
              'runnable',
              onnx.length > 0 ? `.onnx: ${names(onnx.map(({ name }) => name))}` : 'it has been used on chain',
            )
          : bad('runnable', 'storage only: none of its files is .onnx', 'Upload it as ONNX if it is to run on chain.'),
    uses > 0
      ? good('used', `${plural(uses, 'use')} seen on chain${lastAge}`)
      : unknown(
          'used',
          chain ?? 'no use seen: not known, not broken',
          'Nothing: what runs elsewhere leaves no trace here.',
        ),
    unlisted.length > 0
      ? bad(
          'used but unlisted',
          `used on chain and no longer listed: ${names(unlisted.map(({ name }) => name))}`,
          'List the file again, or tell those who use it where to turn.',
        )
      : chain !== null
        ? unknown('used but unlisted', chain)
        : good('used but unlisted', 'no file that was taken down is known to be used'),
  ];
}
