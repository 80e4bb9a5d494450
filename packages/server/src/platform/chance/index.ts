export { Chance } from './chance.ts';
