import type { DeviceProblemCode } from './device.js';
import type { ProblemText } from './problem-text.js';

const NOTHING_TAKEN = 'No money has moved.';
const NOTHING_LOST = 'Nothing is lost.';
const SALE_SAFE = 'The payment IS SAFE in the ledger. Do not take it again.';
/** Of a device of any kind. */
const PORT_SAFE = 'Nothing is lost. A payment that was taken IS SAFE in the ledger.';

/** What stands on the screen when a device needs somebody: what happened, whether the money is safe, what to do. */
export const englishDeviceProblems: Readonly<Record<DeviceProblemCode, ProblemText>> = {
  'device-busy': {
    title: 'Another program uses the port of this device',
    money: PORT_SAFE,
    todo: 'Restart the kiosk. If it is no better, call the technician.',
  },
  'device-denied': {
    title: 'The kiosk has no right to the port of this device',
    money: PORT_SAFE,
    todo: "Call the technician: the agent's user must be in the groups lp, dialout and plugdev.",
  },
  'paper-out': {
    title: 'The printer has no paper',
    money: SALE_SAFE,
    todo: 'Open the lid, put in a roll with the shiny side out, close the lid: it prints by itself.',
  },
  'cover-open': { title: 'The lid of the printer is open', money: SALE_SAFE, todo: 'Close the lid until it clicks: it prints by itself.' },
  'printer-absent': {
    title: 'The printer is not connected',
    money: SALE_SAFE,
    todo: 'Check its cable and its power: it is found by itself.',
  },
  'printer-error': {
    title: 'The printer reports a fault',
    money: SALE_SAFE,
    todo: 'Switch it off and on, and wait for its lamp: it is found by itself.',
  },
  'cutter-error': {
    title: 'The cutter of the printer is stuck',
    money: SALE_SAFE,
    todo: 'Open the lid, take torn paper out, close the lid.',
  },
  'printer-silent': {
    title: 'The printer does not answer',
    money: SALE_SAFE,
    todo: 'Check its power and cable: it is found by itself.',
  },
  'printer-near-end': { title: 'The paper roll is nearly used up', money: NOTHING_LOST, todo: 'Put a new roll in before the next citizen.' },
  'printer-hot': { title: 'The print head is too warm', money: SALE_SAFE, todo: 'Wait a minute with the lid closed: it goes on by itself.' },
  'stock-low': {
    title: 'Few pre-printed forms are left« ({left})»',
    money: NOTHING_LOST,
    todo: 'Load the next pack: F6, then the first and last number on it.',
  },
  'stock-out': { title: 'No pre-printed form is left', money: SALE_SAFE, todo: 'Load a pack: F6, then the first and last number on it.' },
  'stock-first': {
    title: 'No pre-printed form is left',
    money: NOTHING_TAKEN,
    todo: 'Before you take cash, load a pack: F6 at the services. A sale can go on; its receipt then waits for a form.',
  },
  'stock-wrong': {
    title: 'These form numbers do not fit« ({serial})»',
    money: NOTHING_LOST,
    todo: 'Type the first and the last number of one pack as they stand on the forms. A form that was used can not be loaded again.',
  },
  'scanner-absent': {
    title: 'The code scanner is not connected',
    money: NOTHING_LOST,
    todo: 'Check its cable. Until then type the number that stands on the bill.',
  },
  'scanner-keyboard': {
    title: 'The scanner types like a keyboard and can not be used so',
    money: NOTHING_LOST,
    todo: 'Scan the set-up code "USB HID POS" (or "USB serial") in its manual; then plug it in again.',
  },
  'scanner-error': {
    title: 'The scanner reports a fault',
    money: NOTHING_LOST,
    todo: 'Pull its cable, wait five seconds, plug it in. Until then type the number.',
  },
  'finger-reader-absent': { title: 'The fingerprint reader is not connected', money: NOTHING_TAKEN, todo: 'Check its cable. It is found by itself.' },
  'finger-reader-silent': {
    title: 'The fingerprint reader does not answer',
    money: NOTHING_TAKEN,
    todo: 'Pull its cable, wait five seconds, plug it in.',
  },
  'finger-reader-locked': {
    title: 'The fingerprint reader refuses the password of this counter',
    money: NOTHING_TAKEN,
    todo: 'It may have been exchanged. Call the technician; do not use it.',
  },
  'finger-reader-error': {
    title: 'The fingerprint reader reports a fault',
    money: NOTHING_TAKEN,
    todo: 'Clean the glass with a dry cloth and try again; then call the technician.',
  },
  'finger-none': {
    title: 'No finger was laid on the reader in time',
    money: NOTHING_TAKEN,
    todo: 'Ask for the finger again.',
  },
  'finger-unclear': {
    title: 'The fingerprint was not clear',
    money: NOTHING_TAKEN,
    todo: 'Dry or moisten the finger, lay it flat and still; or take another finger.',
  },
  'finger-no-match': {
    title: 'The fingerprint does not match',
    money: NOTHING_TAKEN,
    todo: 'Try another finger of the same person. Every press is written down.',
  },
  'finger-not-enrolled': {
    title: 'No finger of this person is enrolled on the reader',
    money: NOTHING_TAKEN,
    todo: 'The technician enrols it; or a witness stands in after three presses.',
  },
  'finger-library-full': {
    title: 'The fingerprint reader has no room for another finger',
    money: NOTHING_LOST,
    todo: 'Delete fingers of people who left: jharokha provision finger list.',
  },
  'key-absent': { title: 'No security key is plugged in', money: NOTHING_TAKEN, todo: 'Plug your key in, or log in with your PIN.' },
  'key-error': { title: 'The security key reports a fault', money: NOTHING_TAKEN, todo: 'Pull it out, plug it in again; or log in with your PIN.' },
  'key-unknown': {
    title: 'This security key is not registered for the login',
    money: NOTHING_TAKEN,
    todo: 'Use your own key, or log in with your PIN; the district registers keys.',
  },
  'key-copied': {
    title: 'This security key seems to have been copied',
    money: NOTHING_TAKEN,
    todo: 'Do not use this key again. Tell the administrator now; log in with your PIN.',
  },
  'key-no-finger': {
    title: 'No finger is enrolled on this security key',
    money: NOTHING_TAKEN,
    todo: 'Log in with your PIN; the technician enrols your finger on the key.',
  },
  'key-not-touched': {
    title: 'The key was not touched in time',
    money: NOTHING_TAKEN,
    todo: 'Try again and lay your finger on the key while it blinks.',
  },
  'key-denied': {
    title: 'The key refused the finger',
    money: NOTHING_TAKEN,
    todo: 'Try again with the finger that is enrolled, or log in with your PIN.',
  },
  'key-blocked': {
    title: 'The key is blocked after too many wrong fingers',
    money: NOTHING_TAKEN,
    todo: 'Log in with your PIN. Pull the key and plug it in; then call the technician.',
  },
  'aadhaar-absent': {
    title: 'The Aadhaar capture service does not run',
    money: NOTHING_TAKEN,
    todo: 'Check that its device is plugged in and its service is started.',
  },
  'aadhaar-not-ready': {
    title: 'The Aadhaar device is not ready« ({detail})»',
    money: NOTHING_TAKEN,
    todo: 'Plug the device in again and wait until its light is steady.',
  },
  'aadhaar-busy': { title: 'Another program uses the Aadhaar device', money: NOTHING_TAKEN, todo: 'Close the other program, then try again.' },
  'aadhaar-not-captured': {
    title: 'No fingerprint was captured in time',
    money: NOTHING_TAKEN,
    todo: 'Ask for the finger again.',
  },
  'aadhaar-poor': {
    title: 'The captured fingerprint is too poor to send',
    money: NOTHING_TAKEN,
    todo: 'Clean glass and finger, try again; or take another finger.',
  },
  'aadhaar-too-large': {
    title: 'The captured fingerprint is too large to send',
    money: NOTHING_TAKEN,
    todo: 'Pressing again does not help. Call the technician: fewer fingers, or minutiae alone, are to be asked of the device.',
  },
  'aadhaar-error': {
    title: 'The Aadhaar device reports a fault« ({detail})»',
    money: NOTHING_TAKEN,
    todo: 'Plug it in again. If it comes back, call the technician.',
  },
  'document-scanner-absent': {
    title: 'The document scanner is not connected',
    money: NOTHING_LOST,
    todo: 'Check its cable and power. It is found by itself.',
  },
  'document-scanner-busy': { title: 'Another program uses the document scanner', money: NOTHING_LOST, todo: 'Wait a moment and try again.' },
  'document-scanner-jam': {
    title: 'Paper is jammed in the document scanner',
    money: NOTHING_LOST,
    todo: 'Open the feeder, take the paper out, close it, scan the page again.',
  },
  'document-scanner-cover': { title: 'The lid of the document scanner is open', money: NOTHING_LOST, todo: 'Close the lid, then scan again.' },
  'document-scanner-empty': {
    title: 'No paper lies in the feeder',
    money: NOTHING_LOST,
    todo: 'Put the pages in face up until they stop, then scan again.',
  },
  'document-scanner-error': {
    title: 'The document scanner failed« ({detail})»',
    money: NOTHING_LOST,
    todo: 'Switch it off and on, then scan again. Nothing half scanned was kept.',
  },
  'camera-absent': { title: 'The camera is not connected', money: NOTHING_LOST, todo: 'Check its cable. It is found by itself.' },
  'camera-busy': { title: 'Another program uses the camera', money: NOTHING_LOST, todo: 'Close the other program, then try again.' },
  'camera-error': {
    title: 'The camera gave no picture« ({detail})»',
    money: NOTHING_LOST,
    todo: 'Plug it in again, then take the photograph again.',
  },
  'page-printer-absent': {
    title: 'The page printer can not be reached',
    money: NOTHING_LOST,
    todo: 'Check its power and cable. The page is not lost: print it again.',
  },
  'page-printer-paper': { title: 'The page printer has no paper', money: NOTHING_LOST, todo: 'Fill the tray: it goes on by itself.' },
  'page-printer-jam': {
    title: 'Paper is jammed in the page printer',
    money: NOTHING_LOST,
    todo: 'Open it, take the paper out, close it: it goes on by itself.',
  },
  'page-printer-cover': { title: 'A cover of the page printer is open', money: NOTHING_LOST, todo: 'Close the cover: it goes on by itself.' },
  'page-printer-toner-low': { title: 'The toner of the page printer is nearly used up', money: NOTHING_LOST, todo: 'Have a new cartridge ready.' },
  'page-printer-toner-out': { title: 'The page printer has no toner', money: NOTHING_LOST, todo: 'Put in a new cartridge: it goes on by itself.' },
  'page-printer-stuck': {
    title: 'The page printer took the page and does not print it',
    money: NOTHING_LOST,
    todo: 'Look whether the page came out. Switch the printer off and on; then print again.',
  },
  'page-printer-error': {
    title: 'The page printer reports a fault« ({detail})»',
    money: NOTHING_LOST,
    todo: 'Switch it off and on. If it comes back, call the technician.',
  },
  'ups-absent': {
    title: 'The UPS can not be asked',
    money: NOTHING_LOST,
    todo: 'Check its data cable. A power cut would now come without a warning.',
  },
  'ups-on-battery': {
    title: 'The mains power is away: the counter runs on battery« ({minutes} minutes)»',
    money: 'Everything saved is safe.',
    todo: 'Finish the citizen at the counter. Switch off what is not needed.',
  },
  'ups-low': {
    title: 'The battery is nearly empty: the counter closes now',
    money: 'Everything saved is safe, and is sent when the power is back.',
    todo: 'Take no new payment. The present one is finished; then the counter stops by itself.',
  },
  'ups-recharging': {
    title: 'The power is back; the battery is still filling« ({charge} %)»',
    money: 'Everything saved is safe.',
    todo: 'A closed counter opens by itself when the battery can bear the next cut. Switch off what is not needed.',
  },
  'ups-battery-worn': {
    title: 'The battery of the UPS is worn out',
    money: NOTHING_LOST,
    todo: 'Call the technician: the next power cut may come without a warning.',
  },
  'ups-overload': {
    title: 'Too much is plugged into the UPS',
    money: NOTHING_LOST,
    todo: 'Unplug what is not part of the counter, such as a fan or a heater.',
  },
  'gnss-absent': { title: 'The location receiver is not connected', money: NOTHING_TAKEN, todo: 'Check its cable. It is found by itself.' },
  'gnss-no-fix': {
    title: 'The place is not known yet: no satellites« (for {minutes} minutes)»',
    money: NOTHING_TAKEN,
    todo: 'Put the receiver at a window, with open sky above it.',
  },
  'outside-place': {
    title: 'This counter is not at its approved place« ({distance} away)»',
    money: 'No new payment is taken. What was saved is safe.',
    todo: 'Take the counter back, or ask the district to approve the new place.',
  },
  'speaker-absent': { title: 'The speaker is not there', money: NOTHING_LOST, todo: 'Read the amount to the citizen yourself.' },
  'speaker-error': { title: 'The speaker failed', money: NOTHING_LOST, todo: 'Read the amount to the citizen yourself. Check its cable and volume.' },
};
