import { encodeAbiParameters, encodeFunctionData, type Hex } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';

const PRECOMPILE: Hex = '0x00000000000000000000000000000000000000f4';

export type Inference = Awaited<ReturnType<typeof deployInference>>;

/** What shows on chain that a model is used: the precompile at 0x…F4, an InferenceHub, a scheduler with workflows. */
export async function deployInference(chain: DevChain) {
  const contract = (name: string): Artifact => chain.contracts[name] as Artifact;
  const call = (name: string, functionName: string, args: readonly unknown[] = []): Hex =>
    encodeFunctionData({ abi: contract(name).abi, functionName, args });
  await chain.client.setCode({ address: PRECOMPILE, bytecode: contract('InferencePrecompile').deployed });
  const [inferenceHub, scheduler] = (await chain.deployAll([
    { artifact: contract('InferenceHub') },
    { artifact: contract('Scheduler') },
  ])) as [Hex, Hex];
  const input = {
    numbers: [{ name: 'x', values: [{ value: 15n, decimals: 1n }], shape: [1] }],
    strings: [{ name: 'note', values: ['of one element'] }],
  };
  let inferences = 0;

  return {
    precompile: PRECOMPILE,
    inferenceHub,
    scheduler,
    /** ModelInferenceEvent of 0x…F4: names the model. */
    infer(modelCid: string): Promise<Hex> {
      inferences += 1;
      return chain.transact(
        PRECOMPILE,
        call('InferencePrecompile', 'infer', [`inference-${inferences}`, 0, modelCid]),
        {
          from: 'stranger',
        },
      );
    },
    /** InferenceResult of the InferenceHub: only the call's data names the model. */
    runOnHub: (modelCid: string): Promise<Hex> =>
      chain.transact(inferenceHub, call('InferenceHub', 'run', [modelCid, 0, input]), { from: 'stranger' }),
    /** A workflow contract of that model, registered with the scheduler for `forSeconds`. Resolves to its address. */
    async schedule(modelCid: string, everySeconds = 3_600, forSeconds = 604_800): Promise<Hex> {
      const args = encodeAbiParameters([{ type: 'string' }], [modelCid]);
      const [workflow] = (await chain.deployAll([{ artifact: contract('Workflow'), args }])) as [Hex];
      const endTime = BigInt(chain.nowSeconds() + forSeconds);
      await chain.transact(scheduler, call('Scheduler', 'registerTask', [workflow, endTime, BigInt(everySeconds)]));
      return workflow;
    },
    stopTask: (workflow: Hex): Promise<Hex> => chain.transact(scheduler, call('Scheduler', 'stopTask', [workflow])),
    /** The workflow runs once: InferenceResultEmitted. */
    runWorkflow: (workflow: Hex): Promise<Hex> =>
      chain.transact(workflow, call('Workflow', 'run'), { from: 'stranger' }),
  };
}
