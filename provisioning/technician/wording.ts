import { unreachable } from '#protocol/result/result.js';
import { printedTime } from '#protocol/time/time.js';
import type { EnrolError, EnrolStep, Enrolled } from './enrol.js';

/** The lines a technician reads for a step, English then Hindi. */
export function stepLines(step: EnrolStep): readonly string[] {
  switch (step.step) {
    case 'pending':
      return [
        `The hub of ${step.district.en} knows this device. It waits to become kiosk ${step.kiosk}, ${step.site.en}.`,
        `${step.district.hi} के हब ने इस मशीन को पहचान लिया है। कियोस्क ${step.kiosk}, ${step.site.hi} के लिए अनुमति बाकी है।`,
        '',
        `    ${step.fingerprint}`,
        '',
        'Read these six groups out to the administrator, from this screen. Only the administrator types them; then this command goes on by itself.',
        'ये छह समूह इसी स्क्रीन से प्रशासक को पढ़कर सुनाएँ। प्रशासक इन्हें टाइप करेंगे; फिर यह काम अपने आप आगे बढ़ेगा।',
      ];
    case 'cut':
      return [`Still waiting: ${step.detail}. Trying again.`, 'हब से संपर्क टूटा; फिर कोशिश हो रही है। कुछ भी खोया नहीं है।'];
    case 'clock-wrong':
      return [
        `The clock of this device is wrong: the hub says ${printedTime(step.hubNow)}. Set it before the kiosk is opened.`,
        `इस मशीन की घड़ी गलत है: हब का समय ${printedTime(step.hubNow)} है। कियोस्क खोलने से पहले घड़ी ठीक करें।`,
      ];
    default:
      return unreachable(step);
  }
}

export function doneLines(enrolled: Enrolled): readonly string[] {
  const { kiosk, site, epoch } = enrolled.bundle;
  const { districtName, version } = enrolled.ruleBook;
  return enrolled.outcome === 'enrolled'
    ? [
        `Enrolled: kiosk ${kiosk}, ${site.en}, ${districtName.en} (epoch ${epoch}, rule book ${version}).`,
        `पंजीकरण पूरा: कियोस्क ${kiosk}, ${site.hi}, ${districtName.hi}।`,
      ]
    : [`Already enrolled as kiosk ${kiosk}, ${site.en}; nothing was changed.`, `यह मशीन पहले से कियोस्क ${kiosk}, ${site.hi} है; कुछ नहीं बदला।`];
}

/** Exit codes of `provision enrol`, by the numbers of sysexits.h where one fits. */
export const EXIT = { usage: 64, badData: 65, hubUnreachable: 69, folder: 73, notYet: 75, wrongHub: 76, refused: 77 } as const;

export function exitCodeOf(code: EnrolError): number {
  switch (code) {
    case 'not-a-claim':
    case 'mistyped-claim':
    case 'claim-missing':
      return EXIT.usage;
    case 'bad-bundle':
    case 'bad-answer':
    case 'malformed':
      return EXIT.badData;
    case 'hub-unreachable':
    case 'internal':
    case 'too-many-requests':
      return EXIT.hubUnreachable;
    case 'folder-damaged':
    case 'other-hub':
    case 'other-district':
      return EXIT.folder;
    case 'not-yet-approved':
      return EXIT.notYet;
    case 'wrong-hub':
      return EXIT.wrongHub;
    case 'bad-proof':
    case 'claim-unknown':
    case 'claim-locked':
    case 'claim-used':
    case 'claim-expired':
    case 'claim-withdrawn':
    case 'slot-active':
    case 'slot-pending':
    case 'key-in-use':
    case 'not-enrolled':
    case 'enrolment-refused':
    case 'kiosk-suspended':
    case 'kiosk-retired':
      return EXIT.refused;
    default:
      return unreachable(code);
  }
}
