import type { FlowPrompt, PromptLanguage } from '@crosspoint/contracts';
import type { RunnableFlow } from '../ivr/index.ts';

/** What the shell does in this document: looks at the PIN and lets in whom it may, the second time also to wait. */
export const conferenceServices = ['conference.enter', 'conference.wait'] as const;

type Text = Readonly<Record<PromptLanguage, string>>;

const ask: Text = {
  en: 'Please enter the PIN of your conference, and then pound.',
  es: 'Marque el PIN de su conferencia y después la tecla almohadilla.',
  cs: 'Zadejte prosím PIN své konference a potom křížek.',
};
const wrong: Text = {
  en: 'This PIN is not correct.',
  es: 'Este PIN no es correcto.',
  cs: 'Tento PIN není správný.',
};
const waits: Text = {
  en: 'The moderator is not here yet. Please stay on the line.',
  es: 'El moderador aún no está. Permanezca en línea, por favor.',
  cs: 'Moderátor ještě není přítomen. Zůstaňte prosím na lince.',
};

/** Said before the call is over, by the way that leads there. */
const endings = {
  'too-many-tries': {
    en: 'Too many wrong PINs. Please check your invitation and call again later. Goodbye.',
    es: 'Demasiados PIN incorrectos. Revise su invitación y llame más tarde. Adiós.',
    cs: 'Příliš mnoho chybných PINů. Zkontrolujte prosím pozvánku a zavolejte později. Na shledanou.',
  },
  'not-open': {
    en: 'This conference is not open now. Please call again at the time of your invitation. Goodbye.',
    es: 'Esta conferencia no está abierta ahora. Llame a la hora de su invitación. Adiós.',
    cs: 'Tato konference teď není otevřena. Zavolejte prosím v čase uvedeném v pozvánce. Na shledanou.',
  },
  locked: {
    en: 'This conference is locked. Goodbye.',
    es: 'Esta conferencia está cerrada a nuevos participantes. Adiós.',
    cs: 'Tato konference je uzamčena. Na shledanou.',
  },
  full: {
    en: 'This conference is full. Goodbye.',
    es: 'Esta conferencia está completa. Adiós.',
    cs: 'Tato konference je plná. Na shledanou.',
  },
  removed: {
    en: 'You have been removed from the conference. Goodbye.',
    es: 'Se le ha retirado de la conferencia. Adiós.',
    cs: 'Byli jste z konference odpojeni. Na shledanou.',
  },
  over: {
    en: 'The conference is over. Goodbye.',
    es: 'La conferencia ha terminado. Adiós.',
    cs: 'Konference skončila. Na shledanou.',
  },
  'nobody-came': {
    en: 'The moderator has not come. Goodbye.',
    es: 'El moderador no ha llegado. Adiós.',
    cs: 'Moderátor nepřišel. Na shledanou.',
  },
  trouble: {
    en: 'You cannot be connected at the moment. Please call again. Goodbye.',
    es: 'No es posible conectarle en este momento. Vuelva a llamar. Adiós.',
    cs: 'Teď vás nelze spojit. Zavolejte prosím znovu. Na shledanou.',
  },
  goodbye: { en: 'Goodbye.', es: 'Adiós.', cs: 'Na shledanou.' },
} satisfies Record<string, Text>;

type Ending = keyof typeof endings;

/** Everything that is said, so that it is spoken before anybody calls. */
export const conferenceTexts: readonly Text[] = [ask, wrong, waits, ...Object.values(endings)];

const said = (text: Text): FlowPrompt => [{ text }];
/** Longer than any conference: the shell knows when it is over. */
const conferenceMaxMs = 26 * 3_600_000;

/** What a caller goes through who has dialled the number of conferences, or an agent who comes `fromDesk`. */
export function conferenceReception(language: PromptLanguage, fromDesk: boolean): RunnableFlow {
  const ways = Object.fromEntries(
    (Object.keys(endings) as Ending[]).map((name) => [name as string, name as string]),
  );
  const service = { kind: 'service', failed: 'trouble', maxMs: conferenceMaxMs } as const;
  return {
    ...{ name: 'conference', language, start: fromDesk ? 'enter' : 'ask' },
    nodes: {
      ask: {
        ...{ kind: 'collect', prompt: said(ask), invalidPrompt: said(wrong), bargeIn: true },
        ...{ timeoutSeconds: 8, interDigitSeconds: 5, retries: 2, variable: 'pin' },
        ...{ digitsMin: 1, digitsMax: 16, terminator: '#', secret: true },
        ...{ next: 'enter', otherwise: 'goodbye' },
      },
      enter: {
        ...{ ...service, service: 'conference.enter' },
        ways: { ...ways, 'wrong-pin': 'wrong', 'no-moderator': 'waits' },
      },
      wrong: { kind: 'say', prompt: said(wrong), bargeIn: true, next: 'ask' },
      waits: { kind: 'say', prompt: said(waits), bargeIn: true, next: 'wait' },
      wait: {
        ...{ ...service, service: 'conference.wait' },
        ways: { ...ways, 'no-moderator': 'nobody-came' },
      },
      ...Object.fromEntries(
        Object.entries(endings).map(([name, text]) => [name, { kind: 'end' as const, prompt: said(text) }]),
      ),
    },
  };
}
