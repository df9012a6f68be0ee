// The controller's decisions as functions of an image, without a controller around them: for whoever explores or tests what they do.

export { fence } from './lifecycle.ts';
export type { Liveness } from './liveness.ts';
export { type Decision, type Facts, Plan } from './plan.ts';
export { decide } from './questions.ts';
