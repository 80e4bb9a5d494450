export interface Toast {
  id: number;
  tone: 'good' | 'bad';
  title: string;
  detail: string | undefined;
}

const toastsMax = 4;
const shownMs = { good: 4_000, bad: 10_000 } as const;
const list = $state<Toast[]>([]);
let lastId = 0;

/** Short notices at the edge of the screen: what was done, or what did not work. The oldest makes room. */
export const toasts = {
  get list(): readonly Toast[] {
    return list;
  },
  show(tone: Toast['tone'], title: string, detail?: string): void {
    lastId += 1;
    const id = lastId;
    list.push({ id, tone, title, detail });
    if (list.length > toastsMax) list.shift();
    setTimeout(() => toasts.dismiss(id), shownMs[tone]);
  },
  dismiss(id: number): void {
    const index = list.findIndex((toast) => toast.id === id);
    if (index >= 0) list.splice(index, 1);
  },
};
