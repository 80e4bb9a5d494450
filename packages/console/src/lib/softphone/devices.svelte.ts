/** What is used for what; an empty id is the device that the system prefers. */
export type DeviceUse = 'microphone' | 'speaker' | 'ringer';

const key = 'crosspoint.phone.devices';
const uses: readonly DeviceUse[] = ['microphone', 'speaker', 'ringer'];

function stored(): Record<DeviceUse, string> {
  const chosen = { microphone: '', speaker: '', ringer: '' };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return chosen;
    for (const use of uses) {
      const value = (kept as Record<string, unknown>)[use];
      if (typeof value === 'string') chosen[use] = value;
    }
  } catch {
    // What somebody else has written there is forgotten with the next choice.
    return chosen;
  }
  return chosen;
}

let chosen = $state.raw(stored());
let known = $state.raw<readonly MediaDeviceInfo[]>([]);

async function look(): Promise<void> {
  known = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
}

/** Microphones and loudspeakers of this computer, and which of them the telephone uses; kept in this browser. */
export const devices = {
  id: (use: DeviceUse): string => chosen[use],
  /** Those for that use. Their names are only there once the microphone was allowed. */
  for(use: DeviceUse): readonly MediaDeviceInfo[] {
    const kind = use === 'microphone' ? 'audioinput' : 'audiooutput';
    return known.filter(
      (device) => device.kind === kind && device.deviceId !== '' && device.deviceId !== 'default',
    );
  },
  choose(use: DeviceUse, id: string): void {
    chosen = { ...chosen, [use]: id };
    localStorage.setItem(key, JSON.stringify(chosen));
  },
  /** Sees what is there, now and whenever something is plugged in; returns what ends it. */
  watch(): () => void {
    const follow = (): void => void look();
    follow();
    navigator.mediaDevices?.addEventListener('devicechange', follow);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', follow);
  },
};
