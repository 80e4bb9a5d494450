import { type Api, API_PREFIX } from './context.ts';

/** The methods that an address of the API takes; none when there is no such address. */
export type MethodsOf = (path: string) => string[];

/** Notes every route of the API as it is registered, to tell a wrong method from a wrong address. */
export function noteAddresses(app: Api): MethodsOf {
  const methodsByPattern = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith(API_PREFIX)) return;
    const methods = methodsByPattern.get(url) ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    methodsByPattern.set(url, methods);
  });
  return (path) => {
    const steps = stepsOf(path);
    const found = [...methodsByPattern].filter(([pattern]) => fits(stepsOf(pattern), steps));
    return [...new Set(found.flatMap(([, methods]) => [...methods]))].toSorted();
  };
}

const stepsOf = (path: string): string[] => path.split('/').filter((step) => step !== '');

function fits(pattern: readonly string[], steps: readonly string[]): boolean {
  if (pattern.length !== steps.length) return false;
  return pattern.every((step, index) => step.startsWith(':') || step === steps[index]);
}
