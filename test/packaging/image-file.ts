/** The Dockerfile as data: its stages with their instructions in order, parsed by the library that also lints it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Copy, DockerfileParser, Env, From } from 'dockerfile-ast';

export const checkout = join(import.meta.dirname, '../..');
export const dockerfileText = readFileSync(join(checkout, 'Dockerfile'), 'utf8');

export interface CopyStep {
  readonly kind: 'COPY';
  /** The stage that it copies from; absent for the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface OtherStep {
  /** The instruction in upper case. */
  readonly kind: string;
  /** Everything behind it, continuation lines joined. */
  readonly text: string;
}

export type Step = CopyStep | OtherStep;

export interface Stage {
  readonly name?: string;
  /** Image and tag, `ARG`s filled in. */
  readonly image: string;
  readonly steps: readonly Step[];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error for an instruction that this cannot read. */
export function readStages(text = dockerfileText): readonly Stage[] {
  const stages: { name?: string; image: string; steps: Step[]; env: Record<string, string> }[] = [];
  const args = new Map<string, string>();
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const stage = stages.at(-1);
    const content = instruction.getArgumentsContent() ?? '';
    if (instruction instanceof From) {
      const image = (instruction.getImage() ?? '').replace(/\$\{(\w+)\}/g, (_, name: string) => {
        const value = args.get(name);
        if (value === undefined) throw new Error(`FROM refers to ${name}, which no ARG before it sets`);
        return value;
      });
      const name = instruction.getBuildStage();
      stages.push({ ...(name !== null && { name }), image, steps: [], env: {} });
    } else if (stage === undefined) {
      const [name = '', value = ''] = content.split('=');
      args.set(name, value);
    } else if (instruction instanceof Copy) {
      stage.steps.push(copyStep(instruction));
    } else {
      if (instruction instanceof Env) {
        for (const property of instruction.getProperties()) {
          stage.env[property.getName()] = property.getValue() ?? '';
        }
      }
      stage.steps.push({ kind: instruction.getKeyword(), text: content });
    }
  }
  return stages;
}

function copyStep(copy: Copy): CopyStep {
  const paths = copy.getArguments().map((argument) => argument.getValue());
  const from = copy.getFromFlag()?.getValue();
  return {
    kind: 'COPY',
    ...(typeof from === 'string' && { from }),
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
  };
}

/** What the last instruction of a kind says in a stage; undefined when there is none. */
export function lastOf(stage: Stage, kind: string): string | undefined {
  const step = stage.steps.findLast((candidate) => candidate.kind === kind);
  return step !== undefined && 'text' in step ? step.text : undefined;
}

/** The words of `CMD ["a", "b"]` and its like, which must be in that form: a shell would keep signals from the server. */
export function words(stage: Stage, kind: 'CMD' | 'ENTRYPOINT' | 'HEALTHCHECK'): readonly string[] {
  const text = lastOf(stage, kind) ?? '';
  const list = text.slice(text.indexOf('['));
  const parsed: unknown = JSON.parse(list);
  if (!Array.isArray(parsed) || !parsed.every((word) => typeof word === 'string')) {
    throw new Error(`${kind} is no list of words: ${text}`);
  }
  return parsed;
}

/** The stages of our own Dockerfile. */
export function ownStages(): { readonly build: Stage; readonly run: Stage } {
  const [build, run, ...others] = readStages();
  if (build === undefined || run === undefined || others.length > 0) {
    throw new Error('the Dockerfile has two stages: build and run');
  }
  return { build, run };
}
