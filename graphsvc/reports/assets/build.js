// Copies what reports need out of the locked packages into dist: fonts (SIL Open Font License) and the outlines of
// countries (Natural Earth, public domain).
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const fonts = { 'noto-sans': 'NotoSans', 'noto-sans-arabic': 'NotoSansArabic', 'noto-sans-sc': 'NotoSansSC' };
const styles = ['400Regular', '700Bold'];
const files = ['world-atlas/countries-50m.json', 'world-atlas/countries-110m.json'];
for (const [folder, name] of Object.entries(fonts))
  for (const style of styles) files.push(`@expo-google-fonts/${folder}/${style}/${name}_${style}.ttf`);

const [from, to] = ['node_modules', 'dist'].map((name) => join(import.meta.dirname, name));
rmSync(to, { recursive: true, force: true });
mkdirSync(to);
for (const file of files) cpSync(join(from, file), join(to, basename(file)));
writeFileSync(join(to, '.ready'), '');
