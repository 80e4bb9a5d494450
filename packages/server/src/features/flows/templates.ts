import type { FlowDocument, FlowPrompt, FlowTemplate } from '@crosspoint/contracts';
import { defineFlow } from '@crosspoint/core';

/** What is said, in the three languages. */
const say = (en: string, es: string, cs: string): FlowPrompt => [{ text: { en, es, cs } }];

const goodbye = say(
  'Thank you for calling. Goodbye.',
  'Gracias por llamar. Adiós.',
  'Děkujeme za zavolání. Na shledanou.',
);
const pressed = say(
  'That key means nothing here.',
  'Esa tecla no tiene ninguna función aquí.',
  'Tato klávesa zde nic neznamená.',
);
const everyDay = [{ from: '08:00', to: '17:00' }];

const reception = defineFlow({
  name: 'reception',
  description:
    'Greets, looks at the hours and holidays, and puts callers through or tells them when to call.',
  start: 'welcome',
  nodes: {
    welcome: {
      kind: 'say',
      prompt: say(
        'Welcome to our company.',
        'Bienvenido a nuestra empresa.',
        'Dobrý den, vítejte v naší společnosti.',
      ),
      next: 'hours',
    },
    hours: {
      kind: 'hours',
      hours: {
        timeZone: 'Europe/Prague',
        week: {
          monday: everyDay,
          tuesday: everyDay,
          wednesday: everyDay,
          thursday: everyDay,
          friday: everyDay,
        },
        specialDays: [
          { name: 'New Year', day: '01-01' },
          { name: 'Christmas', day: '12-25' },
        ],
      },
      open: 'support',
      closed: 'closed',
    },
    support: { kind: 'queue', queue: 'support', refused: 'busy' },
    busy: {
      kind: 'end',
      prompt: say(
        'All lines are busy. Please call again later.',
        'Todas las líneas están ocupadas. Llame más tarde, por favor.',
        'Všechny linky jsou obsazené. Zavolejte prosím později.',
      ),
    },
    closed: {
      kind: 'end',
      prompt: say(
        'We are open from Monday to Friday, from eight to five.',
        'Atendemos de lunes a viernes, de ocho a cinco.',
        'Jsme tu pro vás od pondělí do pátku od osmi do pěti.',
      ),
    },
  },
});

const languageChoice = defineFlow({
  name: 'language choice',
  description: 'Asks for the language and goes on in it.',
  start: 'language',
  nodes: {
    language: {
      kind: 'language',
      prompt: [
        {
          text: { en: 'For English press one.', es: 'For English press one.', cs: 'For English press one.' },
        },
        {
          text: {
            en: 'Para español, pulse dos.',
            es: 'Para español, pulse dos.',
            cs: 'Para español, pulse dos.',
          },
        },
        {
          text: {
            en: 'Pro češtinu stiskněte tři.',
            es: 'Pro češtinu stiskněte tři.',
            cs: 'Pro češtinu stiskněte tři.',
          },
        },
      ],
      choices: { 1: 'en', 2: 'es', 3: 'cs' },
      otherwise: 'en',
      next: 'welcome',
    },
    welcome: {
      kind: 'say',
      prompt: say('You will be connected.', 'Le pasamos con un agente.', 'Přepojujeme vás.'),
      next: 'support',
    },
    support: { kind: 'queue', queue: 'support', refused: 'bye' },
    bye: { kind: 'end', prompt: goodbye },
  },
});

const menu = defineFlow({
  name: 'menu',
  description: 'Three queues by key; whoever keys nothing or finds nobody leaves a message.',
  start: 'menu',
  nodes: {
    menu: {
      kind: 'menu',
      prompt: say(
        'For sales press one. For support press two. For invoices press three.',
        'Para ventas, pulse uno. Para soporte, pulse dos. Para facturas, pulse tres.',
        'Pro prodej stiskněte jedničku. Pro podporu dvojku. Pro faktury trojku.',
      ),
      invalidPrompt: pressed,
      keys: { 1: 'sales', 2: 'support', 3: 'billing' },
      otherwise: 'message',
    },
    sales: { kind: 'queue', queue: 'sales', refused: 'message', after: { seconds: 300, next: 'message' } },
    support: {
      kind: 'queue',
      queue: 'support',
      refused: 'message',
      after: { seconds: 300, next: 'message' },
    },
    billing: {
      kind: 'queue',
      queue: 'billing',
      refused: 'message',
      after: { seconds: 300, next: 'message' },
    },
    message: {
      kind: 'voicemail',
      box: 'office',
      prompt: say(
        'Please leave a message after the tone.',
        'Deje un mensaje después de la señal.',
        'Po zaznění tónu nám prosím zanechte vzkaz.',
      ),
      next: 'bye',
      failed: 'bye',
    },
    bye: { kind: 'end', prompt: goodbye },
  },
});

const callbackOffer = defineFlow({
  name: 'callback offer',
  description: 'After two minutes of waiting a callback is offered, to the number that called or to another.',
  start: 'support',
  nodes: {
    support: { kind: 'queue', queue: 'support', refused: 'offer', after: { seconds: 120, next: 'offer' } },
    offer: {
      kind: 'menu',
      prompt: say(
        'To be called back press one. For another number press two. To go on waiting press three.',
        'Para que le llamemos, pulse uno. Para otro número, pulse dos. Para seguir esperando, pulse tres.',
        'Chcete-li, abychom vám zavolali, stiskněte jedničku. Pro jiné číslo dvojku. Pro další čekání trojku.',
      ),
      invalidPrompt: pressed,
      keys: { 1: 'note', 2: 'other', 3: 'support' },
      otherwise: 'bye',
    },
    other: {
      kind: 'collect',
      prompt: say(
        'Key in the number, and then hash.',
        'Marque el número y después almohadilla.',
        'Zadejte číslo a potom křížek.',
      ),
      variable: 'callbackNumber',
      digitsMin: 3,
      digitsMax: 15,
      next: 'note-other',
      otherwise: 'offer',
    },
    note: { kind: 'callback', queue: 'support', next: 'noted', failed: 'not-noted' },
    'note-other': {
      ...{ kind: 'callback', queue: 'support', number: 'callbackNumber' },
      ...{ next: 'noted', failed: 'not-noted' },
    },
    noted: { kind: 'end', prompt: say('We will call you back.', 'Le llamaremos.', 'Zavoláme vám zpět.') },
    'not-noted': {
      kind: 'end',
      prompt: say(
        'We cannot call that number.',
        'No podemos llamar a ese número.',
        'Na toto číslo nemůžeme volat.',
      ),
    },
    bye: { kind: 'end', prompt: goodbye },
  },
});

const survey = defineFlow({
  name: 'survey',
  description: 'Two questions by key, and words after the tone for whoever was not content.',
  start: 'content',
  nodes: {
    content: {
      kind: 'survey',
      question: 'How content are you with our service?',
      prompt: say(
        'How content are you with our service? Press one for not at all, up to five for very.',
        '¿Está satisfecho con nuestro servicio? Pulse de uno, nada, a cinco, mucho.',
        'Jak jste spokojeni s našimi službami? Stiskněte jedničku pro vůbec ne až pětku pro velmi.',
      ),
      invalidPrompt: pressed,
      next: 'solved',
      otherwise: 'bye',
    },
    solved: {
      kind: 'survey',
      question: 'Is your matter settled?',
      prompt: say(
        'Is your matter settled? Press one for yes, or two for no.',
        '¿Está resuelto su asunto? Pulse uno para sí o dos para no.',
        'Je vaše záležitost vyřešena? Stiskněte jedničku pro ano, nebo dvojku pro ne.',
      ),
      max: 2,
      next: 'words',
      otherwise: 'bye',
    },
    words: {
      kind: 'record',
      prompt: say(
        'Tell us after the tone what we should do better, or hang up.',
        'Díganos después de la señal qué deberíamos mejorar, o cuelgue.',
        'Po zaznění tónu nám řekněte, co máme zlepšit, nebo zavěste.',
      ),
      maxSeconds: 60,
      next: 'bye',
      failed: 'bye',
    },
    bye: { kind: 'end', prompt: goodbye },
  },
});

const account = defineFlow({
  name: 'account look-up',
  description:
    'Asks for the customer number, looks it up, tells the balance, and sends good customers ahead.',
  start: 'ask',
  nodes: {
    ask: {
      kind: 'collect',
      prompt: say(
        'Key in your customer number, and then hash.',
        'Marque su número de cliente y después almohadilla.',
        'Zadejte své zákaznické číslo a potom křížek.',
      ),
      variable: 'customer',
      digitsMin: 4,
      digitsMax: 12,
      next: 'look-up',
      otherwise: 'support',
    },
    'look-up': {
      kind: 'http',
      url: 'https://crm.example.com/customers/{customer}',
      results: { balance: 'balance', level: 'level' },
      next: 'balance',
      failed: 'support',
    },
    balance: {
      kind: 'say',
      prompt: [
        { text: { en: 'Your balance is', es: 'Su saldo es', cs: 'Váš zůstatek je' } },
        { money: 'balance', currency: 'EUR' },
      ],
      next: 'level',
    },
    level: { kind: 'condition', cases: [{ when: 'level == "gold"', next: 'gold' }], otherwise: 'support' },
    gold: { kind: 'queue', queue: 'support', priority: 5, refused: 'bye' },
    support: { kind: 'queue', queue: 'support', refused: 'bye' },
    bye: { kind: 'end', prompt: goodbye },
  },
});

const template = (id: string, document: FlowDocument): FlowTemplate => ({
  id,
  name: document.name,
  description: document.description,
  document,
});

/** Flows to start from. The queues, boxes and addresses that they name are examples. */
export const flowTemplates: readonly FlowTemplate[] = [
  template('reception', reception),
  template('language-choice', languageChoice),
  template('menu', menu),
  template('callback-offer', callbackOffer),
  template('survey', survey),
  template('account-lookup', account),
];
