import type { AgentStatus, Page, ReasonCode } from '@crosspoint/contracts';
import { act } from '#lib/api/act.ts';
import { api } from '#lib/api/client.ts';

let asked: Promise<ReasonCode[]> | null = null;

/** The reason codes of breaks and of going offline, which one answer holds; asked for once. */
export function reasonCodes(): Promise<ReasonCode[]> {
  asked ??= api.get<Page<ReasonCode>>('/reason-codes').then(
    ({ items }) => items,
    (error: unknown) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** They were changed here: they are asked for again. */
export function forgetReasonCodes(): void {
  asked = null;
}

/** Sets the status of an agent (`me` for oneself). The board follows by the stream. */
export function chooseStatus(
  agentId: string,
  status: AgentStatus,
  reasonCode: string | null,
): Promise<boolean> {
  return act(() => api.put(`/agents/${agentId}/status`, { status, reasonCode }));
}
