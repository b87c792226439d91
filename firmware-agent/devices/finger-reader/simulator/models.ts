/** What differs between the modules of the family, as far as a host can see it. Template lengths are those measured by their users. */
export type Model = {
  readonly systemId: number;
  readonly capacity: number;
  readonly templateBytes: number;
  /** Buffers for samples. */
  readonly buffers: number;
  /** `ring`: AuraLedConfig. `lamp`: on and off. `none`: neither, and such commands are not even answered. */
  readonly light: 'none' | 'lamp' | 'ring';
};

export const MODELS = {
  zfm20: { systemId: 0x0009, capacity: 162, templateBytes: 512, buffers: 2, light: 'none' },
  r307: { systemId: 0x0307, capacity: 1_000, templateBytes: 768, buffers: 2, light: 'lamp' },
  r503: { systemId: 0x0503, capacity: 200, templateBytes: 1_536, buffers: 6, light: 'ring' },
} as const satisfies Record<string, Model>;

export const MODEL_NAMES = ['zfm20', 'r307', 'r503'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
