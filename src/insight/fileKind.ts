/** What the end of a name says of a model file: only ONNX runs on chain, the rest is storage (docs of the hub). */
const KNOWN = new Set(
  'onnx pt pth bin safetensors h5 hdf5 keras pb tflite pkl pickle joblib ckpt gguf ggml mlmodel npy npz zip tar gz json yaml yml txt md csv parquet py ipynb'.split(
    ' ',
  ),
);

export interface FileKind {
  /** Without the dot, lower case; null: the name has none, or none that is known. */
  ending: string | null;
  runs: boolean;
}

export function fileKind(name: string): FileKind {
  const ending = /\.([A-Za-z0-9]{1,12})$/.exec(name.trim())?.[1]?.toLowerCase() ?? null;
  return ending !== null && KNOWN.has(ending) ? { ending, runs: ending === 'onnx' } : { ending: null, runs: false };
}
