import type { Alert, AlertEvent, AlertKind, Language } from '@crosspoint/contracts';

interface Words {
  /** What is wrong, by kind; given are the figures in words. */
  kinds: Record<AlertKind, (worst: string, allowed: string) => string>;
  raised: string;
  cleared: string;
  queue: string;
  agent: string;
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
      'status-time': (worst, allowed) => `In one status for ${worst}; ${allowed} is allowed.`,
      'talk-time': (worst, allowed) => `Talking for ${worst}; ${allowed} is allowed.`,
      'wrap-up-time': (worst, allowed) => `In wrap-up for ${worst}; ${allowed} is allowed.`,
      'missed-offers': (worst, allowed) =>
        `${worst} offers missed in a row; from ${allowed} on it is an alert.`,
      'not-adherent': (worst, allowed) => `Not as scheduled for ${worst}; ${allowed} is allowed.`,
    },
    raised: 'Alert',
    cleared: 'Over',
    queue: 'queue',
    agent: 'agent',
    since: 'Since',
    until: 'Over at',
    test: {
      subject: 'Crosspoint: test message',
      text: 'Mail from Crosspoint arrives. Nothing is wrong.',
    },
  },
  es: {
    kinds: {
      'longest-wait': (worst, allowed) => `La espera más larga es de ${worst}; se permiten ${allowed}.`,
      waiting: (worst, allowed) => `Esperan ${worst} llamadas; la alerta empieza con ${allowed}.`,
      'service-level': (worst, allowed) => `El nivel de servicio es ${worst}; lo mínimo es ${allowed}.`,
      'no-agents': () => 'Ningún agente trabaja en esta cola.',
      'status-time': (worst, allowed) => `Lleva ${worst} en un mismo estado; se permiten ${allowed}.`,
      'talk-time': (worst, allowed) => `Lleva ${worst} en conversación; se permiten ${allowed}.`,
      'wrap-up-time': (worst, allowed) => `Lleva ${worst} de cierre; se permiten ${allowed}.`,
      'missed-offers': (worst, allowed) =>
        `${worst} ofertas seguidas sin contestar; la alerta empieza con ${allowed}.`,
      'not-adherent': (worst, allowed) => `Lleva ${worst} sin seguir su horario; se permiten ${allowed}.`,
    },
    raised: 'Alerta',
    cleared: 'Terminada',
    queue: 'cola',
    agent: 'agente',
    since: 'Desde',
    until: 'Terminó',
    test: {
      subject: 'Crosspoint: mensaje de prueba',
      text: 'El correo de Crosspoint llega. No hay ningún problema.',
    },
  },
  cs: {
    kinds: {
      'longest-wait': (worst, allowed) => `Nejdelší čekání je ${worst}; dovoleno je ${allowed}.`,
      waiting: (worst, allowed) => `Počet čekajících je ${worst}; výstraha začíná od ${allowed}.`,
      'service-level': (worst, allowed) => `Úroveň služby je ${worst}; nejméně má být ${allowed}.`,
      'no-agents': () => 'V této frontě nepracuje žádný agent.',
      'status-time': (worst, allowed) => `V jednom stavu je už ${worst}; dovoleno je ${allowed}.`,
      'talk-time': (worst, allowed) => `Hovoří už ${worst}; dovoleno je ${allowed}.`,
      'wrap-up-time': (worst, allowed) => `Kontakt dokončuje už ${worst}; dovoleno je ${allowed}.`,
      'missed-offers': (worst, allowed) =>
        `Počet nepřijatých nabídek za sebou je ${worst}; výstraha začíná od ${allowed}.`,
      'not-adherent': (worst, allowed) => `Rozvrh nedodržuje už ${worst}; dovoleno je ${allowed}.`,
    },
    raised: 'Výstraha',
    cleared: 'Pominulo',
    queue: 'fronta',
    agent: 'agent',
    since: 'Od',
    until: 'Pominulo',
    test: {
      subject: 'Crosspoint: zkušební zpráva',
      text: 'Pošta z Crosspointu dochází. Nic není v nepořádku.',
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
  const { queueName, agentName, ruleName } = alert;
  const subject =
    queueName === null ? `${words.agent} ${agentName}, ${ruleName}` : `${words.queue} ${queueName}`;
  // A name with a line break would otherwise begin a header of its own.
  return { subject: `${words[event]}: ${subject.replaceAll(/\s+/g, ' ')}`, text: `${lines.join('\n')}\n` };
}

function figureOf(kind: AlertKind, value: number, language: Language): string {
  if (kind === 'service-level')
    return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(value);
  if (kind === 'waiting' || kind === 'no-agents' || kind === 'missed-offers')
    return new Intl.NumberFormat(language).format(value);
  const minutes = Math.floor(value / 60);
  return `${minutes}:${String(Math.round(value % 60)).padStart(2, '0')} min`;
}
