// queue-field.ts — the queue that a job is in. A pause may be of all queues, with `*`; a job, and a rule for jobs, is of one.
import { type Field, nameField } from "./field.ts";

export const queueField: Field = {
  isRequired: true,
  check: (value, path) =>
    value === "*"
      ? { path, reason: "must be the name of one queue" }
      : nameField.check(value, path),
};
