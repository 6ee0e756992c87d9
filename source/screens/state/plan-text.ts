import type { Plan } from '../../installer';
import { changeText } from './plan';

/** A plan whole, as plain text: every value with its source, every step and change in order with its content. */
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
        `  ${step.title}${changes.length === 0 ? ': as it should be, nothing to change' : ''}`,
        ...changes.flatMap(change => [
          `    ${changeText(change)}`,
          ...change.detail.map(line => `      | ${line}`.trimEnd()),
        ]),
      ];
    }),
  ]);
  return ['Values', ...values, ...stages, ''].join('\n');
}
