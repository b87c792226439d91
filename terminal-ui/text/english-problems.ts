import type { ProblemTexts, RestartTexts } from './catalogue.js';
import { englishDeviceProblems } from '#protocol/counter/english-device-problems.js';

const NOTHING_TAKEN = 'No money has moved.';
const NOTHING_SAVED = "Nothing was saved: the cash on the table is the citizen's.";
const SALE_SAFE = 'The payment IS SAFE in the ledger. Do not take it again.';

/** What happened · whether the money is safe · what to do. One line, two lines, two lines at 80 columns. */
export const englishProblems: ProblemTexts = {
  ...englishDeviceProblems,
  'pin-wrong': { title: 'The PIN is wrong', money: NOTHING_TAKEN, todo: 'Type the PIN again.« {tries} tries are left before the login is locked.»' },
  'login-unknown': {
    title: 'This counter does not know the login',
    money: NOTHING_TAKEN,
    todo: 'Check the login, such as d35k1111co01. New operators are added at the district.',
  },
  'login-locked': {
    title: 'Too many wrong PINs: the login is locked',
    money: NOTHING_TAKEN,
    todo: 'Wait« until {time}», or ask the district to give a new PIN.',
  },
  'login-needs-hub': {
    title: 'This login must be checked at the hub, and the link is away',
    money: NOTHING_TAKEN,
    todo: 'Wait for the link, or log in as an operator who worked here lately.',
  },
  'login-not-counter': {
    title: 'This login is not for a counter',
    money: NOTHING_TAKEN,
    todo: 'Use your counter login, with co in it. The admin login is for the wallet.',
  },
  'kiosk-suspended': {
    title: 'The district has suspended this counter',
    money: 'Money taken until now is safe in the ledger and will be sent.',
    todo: 'Take no payments. Call the district office.',
  },
  'amount-unreadable': { title: 'This is not an amount in rupees« ({text})»', money: NOTHING_TAKEN, todo: 'Type digits, such as 1980 or 1980.50.' },
  'field-missing': { title: 'Nothing was typed', money: NOTHING_TAKEN, todo: 'Type the number that stands on the bill, or scan the bill.' },
  'field-malformed': {
    title: 'The number does not look right',
    money: NOTHING_TAKEN,
    todo: 'Compare it with the bill« (such as {example})» and type it again.',
  },
  'scan-unreadable': {
    title: 'The scanner could not read the code',
    money: NOTHING_TAKEN,
    todo: 'Flatten the bill and scan again, or type the number by hand.',
  },
  'scan-unknown': {
    title: 'No service knows this code',
    money: NOTHING_TAKEN,
    todo: 'Scan the code of the bill, not another one; or choose the service and type.',
  },
  'scan-not-now': {
    title: 'A bill was scanned while this screen was open',
    money: 'Nothing changed: the scan was left aside.',
    todo: 'Finish this screen first, then scan the next bill.',
  },
  'service-unknown': { title: 'No service has this code', money: NOTHING_TAKEN, todo: 'Type another code or a word, such as bijli.' },
  'consumer-unknown': {
    title: 'The department has no bill for this number« ({consumer})»',
    money: NOTHING_TAKEN,
    todo: 'Compare the number with the bill. If it is right, send the citizen to the office.',
  },
  'bill-paid-hub': {
    title: 'This bill is paid already',
    money: 'The earlier payment is safe at the hub. Take no money now.',
    todo: 'Tell the citizen; the department can say where it was paid. Esc goes back.',
  },
  'bill-paid-here': {
    title: 'This bill was paid at this counter« at {time}»',
    money: 'That payment is safe in the ledger. Take no money now.',
    todo: 'F5 on the services shows the receipt« of Rs {amount}» and prints it again.',
  },
  'bill-data-absent': {
    title: 'The stored list of bills is not here or too old',
    money: NOTHING_TAKEN,
    todo: 'Wait for the link, then try again; other services may work.',
  },
  'nothing-due': { title: 'Nothing is left to pay on this bill', money: NOTHING_TAKEN, todo: 'Tell the citizen. Esc goes back.' },
  'no-tariff': {
    title: 'No charge is laid down for this service today',
    money: NOTHING_TAKEN,
    todo: 'This service cannot be given today. Tell the district office.',
  },
  'part-refused': {
    title: 'The department takes only the whole bill',
    money: NOTHING_TAKEN,
    todo: 'Esc, then take the whole amount, or leave the bill.',
  },
  'part-too-small': { title: 'The part is too small', money: NOTHING_TAKEN, todo: 'Type a larger part«, at least Rs {minimum}».' },
  'more-than-bill': { title: 'The amount is more than the bill', money: NOTHING_TAKEN, todo: 'Type at most the bill amount.' },
  'cash-short': {
    title: 'The cash is less than the amount to pay« (Rs {missing} missing)»',
    money: NOTHING_SAVED,
    todo: 'Ask for the rest and type the whole sum, or Esc back.',
  },
  'cash-much': {
    title: 'Very much change« (Rs {change} for Rs {received})»',
    money: NOTHING_SAVED,
    todo: 'Is the sum right? Enter takes it as it is; otherwise type it again.',
  },
  'count-differs': {
    title: 'The count differs« by Rs {difference}»',
    money: 'Nothing is closed yet.',
    todo: 'Count again and type the sum. The same sum again closes with this difference.',
  },
  'presence-needed': {
    title: 'The person has not shown yet that they are here',
    money: NOTHING_TAKEN,
    todo: 'Go back to the bill and let the person lay a finger.',
  },
  'presence-no-device': {
    title: 'This service wants a finger, and no reader is there',
    money: NOTHING_TAKEN,
    todo: 'Connect the reader (F3 shows the devices) and press Enter. After three tries a witness may stand in.',
  },
  'presence-refused': {
    title: 'The department does not know this finger« ({reason})»',
    money: NOTHING_SAVED,
    todo: 'Give the cash back. Try once more with another finger, or send the person to the office.',
  },
  'witness-not-yet': {
    title: 'A witness can stand in only after presses in vain',
    money: NOTHING_TAKEN,
    todo: 'Let the person press again« ({presses} more)»; try another finger.',
  },
  'witness-missing': {
    title: 'The name of the witness is missing',
    money: NOTHING_TAKEN,
    todo: 'Type the name and the number of a photo card of the witness.',
  },
  'hub-down': {
    title: 'The hub does not answer',
    money: NOTHING_SAVED,
    todo: 'Give the cash back if you hold it. Try again soon, or choose a service that works.',
  },
  'department-down': {
    title: "The department's computer does not answer",
    money: NOTHING_SAVED,
    todo: 'Give the cash back if you hold it. Try again in some minutes.',
  },
  'mode-not-allowed': {
    title: 'This service cannot be given in the way that works now',
    money: NOTHING_TAKEN,
    todo: 'Wait until the link is back, or choose a service that is not marked NOT NOW.',
  },
  'department-refused': {
    title: 'The department refused the payment« ({reason})»',
    money: "The money is the citizen's: the wallet was not charged.",
    todo: 'Give« Rs {amount}» back to the citizen; the slip proves it.',
  },
  'refused-late': {
    title: 'The department refused after the receipt« ({reason})»',
    money: 'The money is safe with the district society« (Rs {amount})»: do not pay it out here.',
    todo: 'Tell the citizen: the bill is not paid; the district office gives the money back for this receipt.',
  },
  'department-unknown': {
    title: 'The department has not answered yet',
    money: 'The payment IS SAFE and is asked again by the same number: never paid twice.',
    todo: 'Give the receipt: it says received. The posting shows later under F5.',
  },
  'wallet-too-small': {
    title: 'The wallet is too small for this bill',
    money: NOTHING_SAVED,
    todo: '«Rs {amount} must be in it. »Give the cash back. Ask the funds login to top up.',
  },
  'lease-absent': {
    title: 'There is no limit from the hub to work offline',
    money: NOTHING_SAVED,
    todo: 'Give the cash back if you hold it. The limit comes with the link.',
  },
  'lease-used-up': {
    title: 'The offline limit is used up« (Rs {left} left)»',
    money: 'What was taken is safe here. This bill was not saved.',
    todo: 'Give the cash back. A smaller bill may fit; the limit returns with the link.',
  },
  'lease-expired': {
    title: 'The offline limit is over',
    money: 'What was taken is safe here. This bill was not saved.',
    todo: 'Give the cash back. The limit returns with the link.',
  },
  'lease-sale-cap': {
    title: 'One bill may not be this large offline« (at most Rs {cap})»',
    money: NOTHING_SAVED,
    todo: 'Give the cash back. Take this bill when the link is there.',
  },
  'lease-count-cap': {
    title: 'No more bills may be taken offline',
    money: 'What was taken is safe here. This bill was not saved.',
    todo: 'Give the cash back. Go on when the link is there.',
  },
  'grant-refused': {
    title: 'The hub did not secure the money for this bill',
    money: NOTHING_SAVED,
    todo: 'Give the cash back. If it happens again, call the district office.',
  },
  'clock-set-back': {
    title: 'The clock of this machine runs behind« ({time})»',
    money: 'The ledger is safe. Nothing new is saved until the clock is right.',
    todo: 'Call the technician. With the link the clock is set right by itself.',
  },
  'disk-full': {
    title: 'The disk is full: nothing can be saved',
    money: 'What was saved is safe. Nothing new was saved.',
    todo: 'Give the cash back if you hold it. Call the technician.',
  },
  'disk-full-saved': {
    title: 'The disk is full: the receipt can not print yet',
    money: SALE_SAFE,
    todo: 'Call the technician to make room, then Enter. Or L: the receipt comes later, from F5.',
  },
  'ledger-broken': {
    title: 'The ledger on this machine was damaged« (entry {entry})»',
    money: 'No new sales. What the hub has is safe there; reading and export go on.',
    todo: 'Leave the machine on. Call the technician; do not repair it yourself.',
  },
  'ledger-fork': {
    title: 'The hub holds another history of this counter',
    money: 'No new sales. Nothing is deleted; the district compares both.',
    todo: 'Leave the machine on. Call the district office.',
  },
  'restarted-in-sale': {
    title: 'The counter stopped before a payment was saved« (Rs {amount})»',
    money: "Nothing was saved or charged: the cash of that bill is the citizen's.",
    todo: 'Give the cash back, or take that bill again from its start.',
  },
  'not-given-back': {
    title: 'A refused payment was not marked as given back',
    money: "The wallet was not charged: this money is the citizen's.",
    todo: 'Give it back and confirm; a slip is printed.',
  },
  'printer-first': {
    title: 'The printer is not ready: paper, lid or cable',
    money: NOTHING_TAKEN,
    todo: 'Mend it before you take cash. A sale can go on; its receipt then waits for the printer.',
  },
  'print-unknown': {
    title: 'Nobody can say whether the receipt came out: please look',
    money: SALE_SAFE,
    todo: 'Look at the printer. Y: it came out whole. D: print again, marked DUPLICATE.',
  },
  'print-later': {
    title: 'The receipt is not out yet, or nobody has said that it is',
    money: SALE_SAFE,
    todo: 'Enter serves the next citizen. F5 prints the receipt when the printer is well.',
  },
  'saved-printed': {
    title: 'The paper is printed',
    money: 'The payment is safe in the ledger, once.',
    todo: 'Give the paper to the citizen. Every copy after the first says DUPLICATE.',
  },
  'refund-done': {
    title: 'The cash was given back',
    money: 'The payment is cancelled; the wallet was not charged.',
    todo: 'Give the slip to the citizen.',
  },
  abandoned: { title: 'The bill was left: nothing was paid', money: NOTHING_TAKEN, todo: 'Serve the next citizen.' },
};

export const englishRestarts: RestartTexts = {
  'printer-silent': {
    title: 'The counter restarted before the receipt was printed',
    money: SALE_SAFE,
    todo: 'Enter prints the receipt. Or L: print it later from F5.',
  },
  'print-unknown': {
    title: 'The counter restarted while the receipt was printing: please look',
    money: SALE_SAFE,
    todo: 'Look at the printer. Y: it came out whole. D: print again, marked DUPLICATE.',
  },
};
