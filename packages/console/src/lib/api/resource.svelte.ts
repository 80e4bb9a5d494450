import { ApiError } from './client.ts';

/** Data from the server with everything a view must be able to say about it. */
export interface Resource<Data> {
  readonly data: Data | undefined;
  readonly error: ApiError | null;
  readonly loading: boolean;
  /** When `data` arrived, in milliseconds of this device's clock; null before the first answer. */
  readonly loadedAt: number | null;
  /** Loads again and keeps what is shown until the answer is there. */
  reload(): void;
  /** Shows this instead, for what was changed here. */
  replace(data: Data): void;
}

/**
 * Loads when the component appears and again whenever anything reactive that `load` reads before its first `await`
 * changes. An answer that was overtaken by a newer question is dropped. Call it while a component is initialised.
 */
export function resource<Data>(load: (signal: AbortSignal) => Promise<Data>): Resource<Data> {
  let data = $state.raw<Data | undefined>(undefined);
  let error = $state.raw<ApiError | null>(null);
  let loading = $state(true);
  let loadedAt = $state<number | null>(null);
  let round = $state(0);

  $effect(() => {
    void round;
    const controller = new AbortController();
    loading = true;
    load(controller.signal)
      .then((answer) => {
        if (controller.signal.aborted) return;
        data = answer;
        error = null;
        loadedAt = Date.now();
        loading = false;
      })
      .catch((failure: unknown) => {
        if (controller.signal.aborted) return;
        if (!(failure instanceof ApiError)) throw failure;
        error = failure;
        loading = false;
      });
    return () => controller.abort();
  });

  return {
    get data() {
      return data;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    get loadedAt() {
      return loadedAt;
    },
    reload() {
      round += 1;
    },
    replace(next: Data) {
      data = next;
      loadedAt = Date.now();
    },
  };
}
