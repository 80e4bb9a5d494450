export { calendarFaults, calendarsByName } from './calendars.ts';
export { calendarRoutes } from './routes.ts';
