/** The state colours, the same everywhere; each comes with a shape of its own in `Pill.svelte`. */
export type Tone = 'waiting' | 'offered' | 'talk' | 'hold' | 'wrap' | 'break' | 'bad' | 'idle' | 'off';
