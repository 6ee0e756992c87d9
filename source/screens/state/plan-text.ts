import type { Plan } from '../../installer';
import { changeText } from './plan';
import { stepTitle } from './stage';

/** A plan whole, as plain text: every value with its source, every step and change in order with its content, and at the end what is to be known beside them. */
export function planText(plan: Plan): string {
  const width = Math.max(0, ...plan.values.map(({ name }) => name.length));
  const values = plan.values.map(
    ({ name, value, source }) => `  ${name.padEnd(width)}  ${value}  (${source})`,
  );
  const stages = plan.stages.flatMap(stage => [
    '',
    stage.title,
    ...stage.steps.flatMap(step => {
      const changes = plan.steps.find(({ id }) => id === step.id)?.changes ?? [];
      return [
        `  ${stepTitle(step)}${changes.length === 0 ? ': as it should be, nothing to change' : ''}`,
        ...changes.flatMap(change => [
          `    ${changeText(change)}`,
          ...change.detail.map(line => `      | ${line}`.trimEnd()),
        ]),
      ];
    }),
  ]);
  const notes = (plan.notes ?? []).map(note => `Note: ${note}`);
  return ['Values', ...values, ...stages, '', ...(notes.length === 0 ? [] : [...notes, ''])].join('\n');
}
