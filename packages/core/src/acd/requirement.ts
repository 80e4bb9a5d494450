import type { Requirement } from '@crosspoint/contracts';

/** What a requirement asks about: an agent's skills with their levels, and languages. */
export interface Attributes {
  readonly skills: Readonly<Record<string, number>>;
  readonly languages: readonly string[];
}

/** True when somebody with these attributes may take a contact with this requirement. */
export function satisfies(requirement: Requirement, attributes: Attributes): boolean {
  if ('skill' in requirement) return levelOf(attributes, requirement.skill) >= requirement.level;
  if ('language' in requirement) return speaks(attributes, requirement.language);
  if ('all' in requirement) return requirement.all.every((part) => satisfies(part, attributes));
  if ('any' in requirement) return requirement.any.some((part) => satisfies(part, attributes));
  return !satisfies(requirement.not, attributes);
}

/**
 * How well somebody fits: the sum of the levels in the skills that are asked for, of the alternatives of an `any` the best.
 * What is excluded by `not` and languages count nothing.
 */
export function scoreOf(requirement: Requirement | null, attributes: Attributes): number {
  if (requirement === null) return 0;
  if ('skill' in requirement) return levelOf(attributes, requirement.skill);
  if ('all' in requirement) return requirement.all.reduce((sum, part) => sum + scoreOf(part, attributes), 0);
  if ('any' in requirement) {
    const fitting = requirement.any.filter((part) => satisfies(part, attributes));
    return fitting.reduce((best, part) => Math.max(best, scoreOf(part, attributes)), 0);
  }
  return 0;
}

/** The first part that somebody lacks; null when nothing is lacking. */
export function lackOf(requirement: Requirement, attributes: Attributes): Requirement | null {
  if (satisfies(requirement, attributes)) return null;
  if (!('all' in requirement)) return requirement;
  for (const part of requirement.all) {
    const lack = lackOf(part, attributes);
    if (lack !== null) return lack;
  }
  return requirement;
}

/** Kinds of people whom `isImpossible` looks at, at most; what asks about more is taken for possible. */
const peopleMax = 4_096;

/** True when nobody could satisfy it, whatever he knew and spoke. */
export function isImpossible(requirement: Requirement): boolean {
  let people: Attributes[] = [{ skills: {}, languages: [] }];
  for (const part of partsOf(requirement)) {
    if (people.length > peopleMax / 2) return false;
    // Only the levels that are asked for tell people apart; of a skill that is there already the level is the higher.
    people = people.flatMap((person) => [person, withPart(person, part)]);
  }
  return !people.some((person) => satisfies(requirement, person));
}

type Part = Extract<Requirement, { skill: string } | { language: string }>;

function partsOf(requirement: Requirement): Part[] {
  if ('skill' in requirement || 'language' in requirement) return [requirement];
  if ('not' in requirement) return partsOf(requirement.not);
  return ('all' in requirement ? requirement.all : requirement.any).flatMap(partsOf);
}

function withPart(person: Attributes, part: Part): Attributes {
  if ('language' in part) return { ...person, languages: [...person.languages, part.language] };
  const level = Math.max(part.level, levelOf(person, part.skill));
  return { ...person, skills: { ...person.skills, [part.skill]: level } };
}

/** Both at once; null asks for nothing. */
export function bothOf(one: Requirement | null, other: Requirement | null): Requirement | null {
  if (one === null || other === null) return one ?? other;
  return { all: [one, other] };
}

/** The same text for the same requirement. */
export function requirementKey(requirement: Requirement | null): string {
  return requirement === null ? '' : JSON.stringify(requirement);
}

function levelOf({ skills }: Attributes, skill: string): number {
  return Object.hasOwn(skills, skill) ? (skills[skill] ?? 0) : 0;
}

/** Who speaks `pt-BR` speaks `pt`; who speaks `pt` is not known to speak `pt-BR`. */
function speaks({ languages }: Attributes, language: string): boolean {
  const wanted = language.toLowerCase();
  return languages.some((each) => {
    const spoken = each.toLowerCase();
    return spoken === wanted || spoken.startsWith(`${wanted}-`);
  });
}
