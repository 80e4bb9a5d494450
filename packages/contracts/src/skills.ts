import { z } from 'zod';

export const SkillName = z.string().trim().min(1).max(64);

/** Skill → proficiency, 1 (knows of it) to 5 (expert). */
export const Skills = z
  .record(SkillName, z.number().int().min(1).max(5))
  .refine((skills) => Object.keys(skills).length <= 100, 'at most 100 skills');
export type Skills = z.infer<typeof Skills>;

/** A language tag of BCP 47 such as `en` or `pt-BR`. */
export const LanguageTag = z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is not a language tag');

/**
 * What a contact asks of the agent who takes it (rule 10 of the queue semantics): a skill at a level or above, a language,
 * or several of these joined by all (AND), any (OR) and not (NOT).
 */
export type Requirement =
  | { skill: string; level: number }
  | { language: string }
  | { all: Requirement[] }
  | { any: Requirement[] }
  | { not: Requirement };

type RequirementInput =
  | { skill: string; level?: number | undefined }
  | { language: string }
  | { all: RequirementInput[] }
  | { any: RequirementInput[] }
  | { not: RequirementInput };

export const requirementDepthMax = 5;
const requirementPartsMax = 50;

const RequirementTree: z.ZodType<Requirement, RequirementInput> = z
  .lazy(() =>
    z.union([
      z.strictObject({ skill: SkillName, level: z.number().int().min(1).max(5).default(1) }),
      z.strictObject({ language: LanguageTag }),
      z.strictObject({ all: z.array(RequirementTree).min(1).max(20) }),
      z.strictObject({ any: z.array(RequirementTree).min(1).max(20) }),
      z.strictObject({ not: RequirementTree }),
    ]),
  )
  // A name of its own, so that the OpenAPI document can refer to it from within itself.
  .meta({ id: 'RequirementPart' });

export const Requirement = RequirementTree.refine(
  (tree) => depthOf(tree) <= requirementDepthMax,
  `may be nested ${requirementDepthMax} deep at most`,
)
  .refine((tree) => partsOf(tree) <= requirementPartsMax, `may have ${requirementPartsMax} parts at most`)
  .meta({ id: 'Requirement' });

function branchesOf(tree: Requirement): readonly Requirement[] {
  if ('all' in tree) return tree.all;
  if ('any' in tree) return tree.any;
  return 'not' in tree ? [tree.not] : [];
}

function depthOf(tree: Requirement): number {
  let deepest = 0;
  for (const branch of branchesOf(tree)) deepest = Math.max(deepest, depthOf(branch));
  return deepest + 1;
}

function partsOf(tree: Requirement): number {
  let parts = 1;
  for (const branch of branchesOf(tree)) parts += partsOf(branch);
  return parts;
}
