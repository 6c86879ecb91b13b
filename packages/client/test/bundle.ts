/** Bundles a module of a page. */
import { rolldown } from 'rolldown';

const ENTRY = '\0page';

/** Bundles and minifies the source of a module that imports packages of this repository. */
export async function bundle(source: string): Promise<string> {
  const build = await rolldown({
    input: ENTRY,
    platform: 'browser',
    resolve: { conditionNames: ['hawser-source', 'import'] },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? source : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  return output[0].code;
}
