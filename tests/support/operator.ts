export { KEYS, Operator, type OperatorKey, type OperatorOptions, type ScreenCell, type Sight } from '#platform/terminal/operator.js';
