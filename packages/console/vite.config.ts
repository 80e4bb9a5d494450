import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { compileMessages } from './scripts/compile-messages.ts';
import { deskWords } from './scripts/desk-words.ts';

const messages = {
  project: './project.inlang',
  outdir: './src/lib/paraglide',
  strategy: ['globalVariable', 'baseLocale'] as ('globalVariable' | 'baseLocale')[],
  emitReadme: false,
  emitPrettierIgnore: false,
};

/**
 * What nearly every page needs comes in few files instead of a hundred small ones: the first page is there sooner. What
 * only editors or charts need stays with them, and whatever touches SvelteKit's own modules stays where SvelteKit puts
 * it: drawn into a shared file its error pages no longer load.
 */
const shared = {
  name: 'shared',
  test: /\/src\/lib\/(components\/(?!LineChart|Pager|PasswordInput|PeriodFilter|Picker|Switch|Chips)|api|i18n|live|theme)\//,
};
const firstWords = deskWords(new URL('src', import.meta.url).pathname);
/** Each message is a module, and those of the first pages come in one file. */
const words = {
  name: 'words',
  test: (id: string) => firstWords.has(/\/paraglide\/messages\/(\w+)\.js$/.exec(id)?.[1] ?? ''),
};
const icons = { name: 'icons', test: /\/@lucide\/svelte\// };
const menus = { name: 'menus', test: /\/(bits-ui|svelte-toolbelt|runed|@floating-ui|tabbable)\// };

export default defineConfig(async ({ command }) => {
  // Compiled while the configuration loads, unless they are, so that `svelte-kit sync`, type checks and builds all find the messages.
  await compileMessages(messages);
  return {
    plugins: [
      ...(command === 'serve' ? [paraglideVitePlugin(messages)] : []),
      sveltekit({
        adapter: adapter({ fallback: 'index.html', precompress: true }),
        compilerOptions: { runes: true },
      }),
    ],
    build: { target: 'es2023' },
    environments: {
      client: {
        build: {
          rolldownOptions: {
            output: { codeSplitting: { groups: [icons, menus, shared, words] } },
          },
        },
      },
    },
    server: {
      proxy: {
        '/api': {
          target: process.env['CROSSPOINT_API_ORIGIN'] ?? 'http://127.0.0.1:8080',
          ws: true,
        },
        '/sip': { target: process.env['CROSSPOINT_API_ORIGIN'] ?? 'http://127.0.0.1:8080', ws: true },
      },
    },
  };
});
