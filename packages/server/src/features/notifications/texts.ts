import type { Alert, AlertEvent, AlertKind, Language } from '@crosspoint/contracts';

interface Words {
  /** What is wrong, by kind; given are the figures in words. */
  kinds: Record<AlertKind, (worst: string, allowed: string) => string>;
  raised: (queue: string) => string;
  cleared: (queue: string) => string;
  since: string;
  until: string;
  test: { subject: string; text: string };
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    kinds: {
      'longest-wait': (worst, allowed) => `The longest wait is ${worst}; ${allowed} is allowed.`,
      waiting: (worst, allowed) => `${worst} callers are waiting; from ${allowed} on it is an alert.`,
      'service-level': (worst, allowed) => `The service level is ${worst}; ${allowed} is the least.`,
      'no-agents': () => 'No agent works in this queue.',
    },
    raised: (queue) => `Alert: queue ${queue}`,
    cleared: (queue) => `Over: queue ${queue}`,
    since: 'Since',
    until: 'Over at',
    test: {
      subject: 'Crosspoint: test message',
      text: 'Mail from Crosspoint arrives. Nothing is wrong with a queue.',
    },
  },
  es: {
    kinds: {
      'longest-wait': (worst, allowed) => `La espera más larga es de ${worst}; se permiten ${allowed}.`,
      waiting: (worst, allowed) => `Esperan ${worst} llamadas; la alerta empieza con ${allowed}.`,
      'service-level': (worst, allowed) => `El nivel de servicio es ${worst}; lo mínimo es ${allowed}.`,
      'no-agents': () => 'Ningún agente trabaja en esta cola.',
    },
    raised: (queue) => `Alerta: cola ${queue}`,
    cleared: (queue) => `Terminada: cola ${queue}`,
    since: 'Desde',
    until: 'Terminó',
    test: {
      subject: 'Crosspoint: mensaje de prueba',
      text: 'El correo de Crosspoint llega. Ninguna cola tiene problemas.',
    },
  },
  cs: {
    kinds: {
      'longest-wait': (worst, allowed) => `Nejdelší čekání je ${worst}; dovoleno je ${allowed}.`,
      waiting: (worst, allowed) => `Počet čekajících je ${worst}; výstraha začíná od ${allowed}.`,
      'service-level': (worst, allowed) => `Úroveň služby je ${worst}; nejméně má být ${allowed}.`,
      'no-agents': () => 'V této frontě nepracuje žádný agent.',
    },
    raised: (queue) => `Výstraha: fronta ${queue}`,
    cleared: (queue) => `Pominulo: fronta ${queue}`,
    since: 'Od',
    until: 'Pominulo',
    test: {
      subject: 'Crosspoint: zkušební zpráva',
      text: 'Pošta z Crosspointu dochází. S žádnou frontou není nic v nepořádku.',
    },
  },
};

export interface MailText {
  subject: string;
  text: string;
}

export const testText = (language: Language): MailText => WORDS[language].test;

/** What a mail about an alert says, with figures and times as they are written in its language. */
export function alertText(
  alert: Alert,
  event: AlertEvent,
  { language, timeZone }: { language: Language; timeZone: string },
): MailText {
  const words = WORDS[language];
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long', timeZone });
  const figure = (value: number): string => figureOf(alert.kind, value, language);
  const lines = [
    words.kinds[alert.kind](figure(alert.worst), figure(alert.threshold)),
    `${words.since}: ${moment.format(new Date(alert.raisedAt))}`,
    ...(event === 'cleared' && alert.clearedAt !== null
      ? [`${words.until}: ${moment.format(new Date(alert.clearedAt))}`]
      : []),
  ];
  // A name with a line break would otherwise begin a header of its own.
  const queue = alert.queueName.replaceAll(/\s+/g, ' ');
  return { subject: words[event](queue), text: `${lines.join('\n')}\n` };
}

function figureOf(kind: AlertKind, value: number, language: Language): string {
  if (kind === 'service-level')
    return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(value);
  if (kind !== 'longest-wait') return new Intl.NumberFormat(language).format(value);
  const minutes = Math.floor(value / 60);
  return `${minutes}:${String(Math.round(value % 60)).padStart(2, '0')} min`;
}
