import fc from 'fast-check';
import { decodeFunctionResult, encodeFunctionData, encodeFunctionResult, type Hex, keccak256, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { EvmClient } from '../../../src/sources/evm/client.ts';
import { registryAbi, teeWithOhttpAbi } from '../../../src/sources/opengradient/registryAbi.ts';
import { decodeTee, layoutOf } from '../../../src/sources/opengradient/teeRecord.ts';
import { NotARegistryError, readRecords, readRegistry } from '../../../src/sources/opengradient/teeRegistry.ts';
import { DEFAULT_OWNER, DEFAULT_PCR, type DevChain, type NewTee, startChain } from '../../devnet/chain.ts';
import { RPC_FAULTS, type RpcProxy, startRpcProxy } from '../../rigs/rpcProxy.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEES: readonly NewTee[] = [
  { publicKeyDer: bytes('key a'), tlsCertificateDer: bytes('cert a'), endpoint: 'https://a.example.com' },
  {
    publicKeyDer: bytes('key b'),
    tlsCertificateDer: new Uint8Array(1_200).fill(7),
    endpoint: 'https://b.example.com:8443',
    owner: '0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD',
    paymentAddress: '0x2222222222222222222222222222222222222222',
    teeType: 1,
    ohttpKey: bytes('ohttp key'),
  },
  { publicKeyDer: bytes('key c'), tlsCertificateDer: new Uint8Array(), endpoint: '' },
  { publicKeyDer: bytes('key d'), tlsCertificateDer: bytes('cert d'), endpoint: 'ноды \u202eевил\u0000\n `x`' },
];

const clientOf = (url: string): EvmClient =>
  new EvmClient({ urls: [url], chainId: null, clock: systemClock, random: () => 0.5, rounds: 1 });

describe.each([10, 11] as const)('a registry whose struct has %i fields', (layout) => {
  let chain: DevChain;
  let proxy: RpcProxy;
  let ids: Hex[];

  beforeAll(async () => {
    chain = await startChain({ layout, heartbeatMaxAgeSeconds: 2_400 });
    proxy = await startRpcProxy(chain.rpcUrl);
    ids = [];
    for (const tee of TEES) ids.push(await chain.registerTee(tee));
    await chain.disable(ids[2] as Hex);
  });
  afterAll(() => Promise.all([proxy.close(), chain.close()]));

  const read = async (client = clientOf(chain.rpcUrl)) =>
    await readRegistry(client, chain.registry, await client.head());

  test('is read as a whole: types, maximum age, measurements, every record', async () => {
    const { snapshot, problems } = await read();
    expect(problems).toEqual([]);
    expect(snapshot).toMatchObject({
      registry: chain.registry,
      heartbeatMaxAgeSeconds: 2_400,
      types: [
        { id: 0, name: 'LLMProxy' },
        { id: 1, name: 'Validator' },
      ],
      approvedPcrs: [
        { pcrHash: DEFAULT_PCR, teeType: 0 },
        { pcrHash: DEFAULT_PCR, teeType: 1 },
      ],
    });
    expect(snapshot.records.map(({ teeId }) => teeId).toSorted()).toEqual(ids.toSorted());
  });

  test('gives every field of a record as it was registered', async () => {
    const { snapshot } = await read();
    const tee = TEES[1] as NewTee;
    const record = snapshot.records.find(({ teeId }) => teeId === ids[1]);
    expect(record).toMatchObject({
      teeId: keccak256(tee.publicKeyDer),
      owner: tee.owner?.toLowerCase(),
      paymentAddress: tee.paymentAddress,
      endpoint: tee.endpoint,
      pcrHash: DEFAULT_PCR,
      teeType: 1,
      enabled: true,
      layout,
      ohttp: layout === 11 ? true : null,
    });
    expect(Buffer.compare(record?.publicKeyDer ?? bytes(''), tee.publicKeyDer)).toBe(0);
    expect(Buffer.compare(record?.tlsCertificateDer ?? bytes(''), tee.tlsCertificateDer)).toBe(0);
    expect(record?.lastHeartbeatAtSeconds).toBe(record?.registeredAtSeconds);
  });

  test('tells disabled from enabled, and a node without an OHTTP key', async () => {
    const { snapshot } = await read();
    const of = (index: number) => snapshot.records.find(({ teeId }) => teeId === ids[index]);
    expect([of(0)?.enabled, of(2)?.enabled]).toEqual([true, false]);
    expect(of(0)?.ohttp).toBe(layout === 11 ? false : null);
    expect(of(0)?.owner).toBe(DEFAULT_OWNER);
  });

  test('agrees with viem’s decoder over the contract’s own ABI, for every record', async () => {
    const { snapshot } = await read();
    for (const record of snapshot.records) {
      const tee = (await chain.client.readContract({
        address: chain.registry,
        abi: layout === 11 ? teeWithOhttpAbi : registryAbi,
        functionName: 'getTEE',
        args: [record.teeId],
      })) as {
        endpoint: string;
        publicKey: Hex;
        tlsCertificate: Hex;
        registeredAt: bigint;
        pcrHash: Hex;
        enabled: boolean;
      };
      expect(toHex(record.publicKeyDer)).toBe(tee.publicKey);
      expect(toHex(record.tlsCertificateDer)).toBe(tee.tlsCertificate);
      expect(record.registeredAtSeconds).toBe(Number(tee.registeredAt));
      expect([record.pcrHash, record.enabled]).toEqual([tee.pcrHash, tee.enabled]);
    }
  });

  test('text from strangers arrives without control characters', async () => {
    const { snapshot } = await read();
    expect(snapshot.records.find(({ teeId }) => teeId === ids[3])?.endpoint).toBe('ноды евил `x`');
  });

  test('ids that are not registered are left out without a word', async () => {
    const client = clientOf(chain.rpcUrl);
    const unknown = keccak256('0x99');
    const { records, problems } = await readRecords(
      client,
      chain.registry,
      [unknown, ids[0] as Hex],
      await client.head(),
    );
    expect(records.map(({ teeId }) => teeId)).toEqual([ids[0]]);
    expect(problems).toEqual([]);
  });

  test('where there is no code, or another contract, there is no registry', async () => {
    const client = clientOf(chain.rpcUrl);
    const head = await client.head();
    for (const address of [`0x${'9'.repeat(40)}`, chain.relay] as const) {
      const error = await readRegistry(client, address, head).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(NotARegistryError);
      expect(error).toMatchObject({
        message: `there is no registry at ${address.slice(0, 8)}…${address.slice(-4)}`,
        detail: expect.stringMatching(new RegExp(`${address}.*OG_TEE_REGISTRY`)),
      });
    }
  });

  test.each([
    ['a number', toHex(7, { size: 32 })],
    ['a few bytes', '0x0102'],
  ])('a contract that answers with %s instead of types is no registry', async (_, result) => {
    const client = clientOf(proxy.url);
    const head = await client.head();
    proxy.inject('eth_call', { kind: 'result', result });
    await expect(readRegistry(client, chain.registry, head)).rejects.toBeInstanceOf(NotARegistryError);
    proxy.heal();
  });

  test('a node that does not answer says nothing about what is there', async () => {
    const client = clientOf(proxy.url);
    const head = await client.head();
    proxy.inject('eth_call', RPC_FAULTS.serverError);
    const error = await readRegistry(client, chain.registry, head).catch((cause: unknown) => cause);
    expect(error).not.toBeInstanceOf(NotARegistryError);
    expect(error).toMatchObject({ message: 'no RPC of the network answered' });
    proxy.heal();
  });

  test('every answer is of the one block that was asked for', async () => {
    const client = clientOf(chain.rpcUrl);
    const before = await client.head();
    await chain.disable(ids[0] as Hex);
    const { snapshot } = await readRegistry(client, chain.registry, before);
    expect(snapshot.records.find(({ teeId }) => teeId === ids[0])?.enabled).toBe(true);
    await chain.enable(ids[0] as Hex);
  });
});

describe('decoding one answer', () => {
  const teeId = keccak256('0x01');
  const field = {
    address: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex),
    word: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
    blob: fc.uint8Array({ maxLength: 400 }).map(toHex),
    moment: fc.bigInt({ min: 0n, max: 32_503_680_000n }),
  };
  const info = fc.record({
    owner: field.address,
    paymentAddress: field.address,
    endpoint: fc.string({ maxLength: 200 }),
    publicKey: field.blob,
    tlsCertificate: field.blob,
    pcrHash: field.word,
    teeType: fc.integer({ min: 0, max: 255 }),
    enabled: fc.boolean(),
    registeredAt: field.moment,
    lastHeartbeatAt: field.moment,
  });
  const ohttp = fc.record({ publicKey: field.blob, keyConfig: field.blob, registeredAt: field.moment });

  test('law: both layouts decode to what was encoded, by one decoder', () => {
    fc.assert(
      fc.property(info, fc.option(ohttp), (tee, config) => {
        const answer =
          config === null
            ? encodeFunctionResult({ abi: registryAbi, functionName: 'getTEE', result: tee })
            : encodeFunctionResult({
                abi: teeWithOhttpAbi,
                functionName: 'getTEE',
                result: { ...tee, ohttpConfig: { keyId: 1, kemId: 32, kdfId: 1, aeadId: 3, ...config } },
              });
        const record = decodeTee(teeId, answer);
        expect(record).toMatchObject({
          owner: tee.owner,
          paymentAddress: tee.paymentAddress,
          pcrHash: tee.pcrHash,
          teeType: tee.teeType,
          enabled: tee.enabled,
          registeredAtSeconds: Number(tee.registeredAt),
          lastHeartbeatAtSeconds: Number(tee.lastHeartbeatAt),
          layout: config === null ? 10 : 11,
          ohttp: config === null ? null : config.publicKey !== '0x',
        });
        expect([toHex(record.publicKeyDer), toHex(record.tlsCertificateDer)]).toEqual([
          tee.publicKey,
          tee.tlsCertificate,
        ]);
        // viem's own decoder over the ten-field ABI reads the same text, before it is cleaned.
        const generic = decodeFunctionResult({ abi: registryAbi, functionName: 'getTEE', data: answer });
        expect(generic.endpoint).toBe(tee.endpoint);
      }),
      { numRuns: 500 },
    );
  });

  test('law: garbage, cut or flipped answers are a record or an Error, never a hang or a crash', () => {
    const good = fc
      .sample(info, { numRuns: 20, seed: 7 })
      .map((tee) => encodeFunctionResult({ abi: registryAbi, functionName: 'getTEE', result: tee }));
    const broken = fc.oneof(
      fc.uint8Array({ maxLength: 1_000 }).map(toHex),
      fc.tuple(fc.constantFrom(...good), fc.nat(2_000)).map(([answer, at]) => answer.slice(0, 2 + at) as Hex),
      fc
        .tuple(fc.constantFrom(...good), fc.nat(1_200), fc.constantFrom('f', '0', '8'))
        .map(([answer, at, digit]) => `${answer.slice(0, 2 + at)}${digit}${answer.slice(3 + at)}` as Hex),
    );
    fc.assert(
      fc.property(broken, (answer) => {
        try {
          const record = decodeTee(teeId, answer);
          expect(Number.isSafeInteger(record.registeredAtSeconds)).toBe(true);
          expect(record.publicKeyDer.length).toBeLessThanOrEqual(16_384);
          expect([...record.endpoint].length).toBeLessThanOrEqual(512);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('a struct with another number of fields is refused, not guessed', () => {
    const word = (value: number): string => value.toString(16).padStart(64, '0');
    for (const [head, expected] of [
      [0x120, null],
      [0x140, 10],
      [0x160, 11],
      [0x180, null],
    ] as const) {
      expect(layoutOf(`0x${word(0x20)}${word(1)}${word(2)}${word(head)}`)).toBe(expected);
    }
    expect(() => decodeTee(teeId, '0x')).toThrow('neither of the known struct layouts');
  });

  test('a key of absurd size and a moment beyond the year 3000 leave the record out', () => {
    const [tee] = fc.sample(info, { numRuns: 1, seed: 3 });
    if (tee === undefined) throw new Error('no sample');
    const answer = (more: Partial<typeof tee>): Hex =>
      encodeFunctionResult({ abi: registryAbi, functionName: 'getTEE', result: { ...tee, ...more } });
    expect(() => decodeTee(teeId, answer({ publicKey: `0x${'00'.repeat(16_385)}` }))).toThrow('16384 bytes');
    expect(() => decodeTee(teeId, answer({ registeredAt: 2n ** 200n }))).toThrow('year 3000');
  });
});

describe('one bad record among good ones', () => {
  test('is left out and named, the others are read', async () => {
    const chain = await startChain();
    const proxy = await startRpcProxy(chain.rpcUrl);
    try {
      const good = await chain.registerTee(TEES[0] as NewTee);
      const large = await chain.registerTee({ ...(TEES[1] as NewTee), tlsCertificateDer: new Uint8Array(17_000) });
      const client = clientOf(proxy.url);
      const { records, problems } = await readRecords(client, chain.registry, [good, large], await client.head());
      expect(records.map(({ teeId }) => teeId)).toEqual([good]);
      expect(problems).toEqual([`${large}: a key or certificate of over 16384 bytes`]);
      const data = encodeFunctionData({ abi: registryAbi, functionName: 'getTEE', args: [good] });
      proxy.inject('eth_call', { kind: 'result', result: '0xdeadbeef' });
      const broken = await readRecords(client, chain.registry, [good], await client.head());
      expect(proxy.calls.some(({ params }) => (params[0] as { data?: Hex } | undefined)?.data === data)).toBe(true);
      expect(broken).toEqual({ records: [], problems: [`${good}: neither of the known struct layouts`] });
    } finally {
      await Promise.all([proxy.close(), chain.close()]);
    }
  });

  test('where measurements are not listed, those in use are asked for one by one', async () => {
    const chain = await startChain();
    const proxy = await startRpcProxy(chain.rpcUrl);
    try {
      const pcrHash = keccak256('0x77');
      await chain.registerTee(TEES[0] as NewTee);
      await chain.registerTee({ ...(TEES[3] as NewTee), pcrHash });
      const client = clientOf(proxy.url);
      const head = await client.head();
      const calls = client.calls.bind(client);
      const listing = encodeFunctionData({ abi: registryAbi, functionName: 'getApprovedPCRs' });
      // A contract without that function reverts, which is null here.
      client.calls = async (some, block) =>
        (await calls(some, block)).map((answer, index) => (some[index]?.data === listing ? null : answer));
      const { snapshot } = await readRegistry(client, chain.registry, head);
      expect(snapshot.approvedPcrs).toEqual([{ teeType: 0, pcrHash: DEFAULT_PCR }]);
    } finally {
      await Promise.all([proxy.close(), chain.close()]);
    }
  });
});
