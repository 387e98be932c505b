// node test/bench/idleProcess.ts: does nothing until its input ends, and prints how long it was kept from that, in ms.
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
process.stdout.write('ready\n');
process.stdin.resume();
await once(process.stdin, 'end');
process.stdout.write(`${loop.max / 1e6}`);
