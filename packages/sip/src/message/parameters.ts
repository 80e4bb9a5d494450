/**
 * Generic parameters in order of appearance (`;name=value`), names in lower case, values without quotes and
 * unescaped; a flag (`;lr`) has the value ''.
 */
export type Parameters = Map<string, string>;
