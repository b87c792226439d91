import type { Command } from 'commander';
import { registerSecurityKeySimulator } from '../security-key/simulator/commands.js';
import { registerDocumentScannerSimulator } from '../document-scanner/simulator/commands.js';
import { registerGnssSimulator } from '../gnss/simulator/commands.js';
import { registerSpeakerSimulator } from '../speaker/simulator/commands.js';
import { registerCameraSimulator } from '../camera/simulator/commands.js';
import { registerAadhaarSimulator } from '../aadhaar/simulator/commands.js';
import { registerFingerReaderSimulator } from '../finger-reader/simulator/commands.js';
import { registerPagePrinterSimulator } from '../page-printer/simulator/commands.js';
import { registerPrinterSimulator } from '../printer/simulator/commands.js';
import { registerScannerSimulator } from '../scanner/simulator/commands.js';
import { registerUpsSimulator } from '../ups/simulator/commands.js';

/** Adds `simulate printer` and its like: devices of their own process, which speak real bytes and fail on order. */
export function registerSimulators(parent: Command): void {
  const simulate = parent.command('simulate').description('virtual devices that speak the real wire protocol and fail on order');
  registerPrinterSimulator(simulate);
  registerScannerSimulator(simulate);
  registerFingerReaderSimulator(simulate);
  registerAadhaarSimulator(simulate);
  registerCameraSimulator(simulate);
  registerSpeakerSimulator(simulate);
  registerGnssSimulator(simulate);
  registerDocumentScannerSimulator(simulate);
  registerSecurityKeySimulator(simulate);
  registerUpsSimulator(simulate);
  registerPagePrinterSimulator(simulate);
}
