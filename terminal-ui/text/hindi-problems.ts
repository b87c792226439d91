import type { ProblemTexts, RestartTexts } from './catalogue.js';
import { hindiDeviceProblems } from '#protocol/counter/hindi-device-problems.js';

const NOTHING_TAKEN = 'कोई रकम नहीं ली गई।';
const NOTHING_SAVED = 'कुछ दर्ज नहीं हुआ: सामने रखा नकद नागरिक का है।';
const SALE_SAFE = 'भुगतान बही में सुरक्षित है। दोबारा न लें।';

/** What happened, whether the money is safe, what to do: as in `english-problems.ts`. */
export const hindiProblems: ProblemTexts = {
  ...hindiDeviceProblems,
  'pin-wrong': { title: 'पिन गलत है', money: NOTHING_TAKEN, todo: 'पिन फिर से लिखें।« {tries} मौके बाकी, फिर लॉगिन बंद होगा।»' },
  'login-unknown': {
    title: 'यह काउंटर इस लॉगिन को नहीं जानता',
    money: NOTHING_TAKEN,
    todo: 'लॉगिन जाँचें, जैसे d35k1111co01। नए ऑपरेटर जिले में जोड़े जाते हैं।',
  },
  'login-locked': { title: 'बहुत बार गलत पिन: लॉगिन बंद है', money: NOTHING_TAKEN, todo: '«{time} तक »रुकें, या जिले से नया पिन लें।' },
  'login-needs-hub': {
    title: 'यह लॉगिन हब पर जाँचना है, पर संपर्क नहीं है',
    money: NOTHING_TAKEN,
    todo: 'संपर्क आने तक रुकें, या हाल में यहाँ काम किया ऑपरेटर लॉगिन करे।',
  },
  'login-not-counter': {
    title: 'यह लॉगिन काउंटर के लिए नहीं है',
    money: NOTHING_TAKEN,
    todo: 'अपना काउंटर लॉगिन (co वाला) लिखें। admin लॉगिन वॉलेट के लिए है।',
  },
  'kiosk-suspended': {
    title: 'जिले ने यह काउंटर रोक दिया है',
    money: 'अब तक की रकम बही में सुरक्षित है और भेजी जाएगी।',
    todo: 'भुगतान न लें। जिला कार्यालय को फ़ोन करें।',
  },
  'amount-unreadable': { title: 'यह रुपयों की रकम नहीं है« ({text})»', money: NOTHING_TAKEN, todo: 'अंक लिखें, जैसे 1980 या 1980.50।' },
  'field-missing': { title: 'कुछ लिखा नहीं गया', money: NOTHING_TAKEN, todo: 'बिल पर लिखा नंबर लिखें, या बिल स्कैन करें।' },
  'field-malformed': { title: 'नंबर सही नहीं लगता', money: NOTHING_TAKEN, todo: 'बिल से मिलाएँ« (जैसे {example})» और फिर लिखें।' },
  'scan-unreadable': { title: 'स्कैनर कोड नहीं पढ़ सका', money: NOTHING_TAKEN, todo: 'बिल सीधा करके फिर स्कैन करें, या नंबर हाथ से लिखें।' },
  'scan-unknown': { title: 'यह कोड किसी सेवा का नहीं है', money: NOTHING_TAKEN, todo: 'बिल का ही कोड स्कैन करें; या सेवा चुनकर नंबर लिखें।' },
  'scan-not-now': {
    title: 'यह स्क्रीन खुली थी तब बिल स्कैन हुआ',
    money: 'कुछ नहीं बदला: स्कैन छोड़ दिया गया।',
    todo: 'पहले यह स्क्रीन पूरी करें, फिर अगला बिल स्कैन करें।',
  },
  'service-unknown': { title: 'इस कोड की कोई सेवा नहीं', money: NOTHING_TAKEN, todo: 'दूसरा कोड या शब्द लिखें, जैसे bijli।' },
  'consumer-unknown': {
    title: 'विभाग में इस नंबर का बिल नहीं है« ({consumer})»',
    money: NOTHING_TAKEN,
    todo: 'नंबर बिल से मिलाएँ। सही हो तो नागरिक को कार्यालय भेजें।',
  },
  'bill-paid-hub': {
    title: 'यह बिल पहले ही जमा है',
    money: 'पहला भुगतान हब पर सुरक्षित है। अभी रकम न लें।',
    todo: 'नागरिक को बताएँ; विभाग बता सकता है कहाँ जमा हुआ। Esc से वापस।',
  },
  'bill-paid-here': {
    title: 'यह बिल इसी काउंटर पर जमा हुआ« ({time})»',
    money: 'वह भुगतान बही में सुरक्षित है। अभी रकम न लें।',
    todo: 'सेवाओं पर F5 से« Rs {amount} की» रसीद देखें और फिर छापें।',
  },
  'bill-data-absent': { title: 'बिलों की सहेजी सूची यहाँ नहीं या पुरानी है', money: NOTHING_TAKEN, todo: 'संपर्क आने पर फिर करें; दूसरी सेवाएँ चल सकती हैं।' },
  'nothing-due': { title: 'इस बिल में कुछ देना बाकी नहीं', money: NOTHING_TAKEN, todo: 'नागरिक को बताएँ। Esc से वापस।' },
  'no-tariff': { title: 'आज इस सेवा का शुल्क तय नहीं है', money: NOTHING_TAKEN, todo: 'यह सेवा आज नहीं हो सकती। जिला कार्यालय को बताएँ।' },
  'part-refused': { title: 'विभाग पूरा बिल ही लेता है', money: NOTHING_TAKEN, todo: 'Esc दबाएँ, फिर पूरी रकम लें या बिल छोड़ें।' },
  'part-too-small': { title: 'भाग बहुत छोटा है', money: NOTHING_TAKEN, todo: 'बड़ा भाग लिखें«, कम से कम Rs {minimum}»।' },
  'more-than-bill': { title: 'रकम बिल से अधिक है', money: NOTHING_TAKEN, todo: 'बिल राशि तक ही लिखें।' },
  'cash-short': { title: 'नकद कम है« (Rs {missing} कम)»', money: NOTHING_SAVED, todo: 'बाकी माँगें और पूरी रकम लिखें, या Esc से वापस।' },
  'cash-much': {
    title: 'बहुत ज़्यादा वापसी« (Rs {received} पर Rs {change})»',
    money: NOTHING_SAVED,
    todo: 'रकम ठीक है? Enter से यही रहेगी; नहीं तो फिर से लिखें।',
  },
  'count-differs': {
    title: 'गिनती में अंतर है« (Rs {difference})»',
    money: 'अभी कुछ बंद नहीं हुआ।',
    todo: 'फिर से गिनकर रकम लिखें। वही रकम दोबारा लिखने पर इसी अंतर के साथ बंद होगा।',
  },
  'presence-needed': { title: 'व्यक्ति ने अभी उपस्थिति नहीं दी', money: NOTHING_TAKEN, todo: 'बिल पर लौटें और व्यक्ति से अंगुली रखवाएँ।' },
  'presence-no-device': {
    title: 'इस सेवा में अंगुली चाहिए, पर यंत्र नहीं है',
    money: NOTHING_TAKEN,
    todo: 'यंत्र जोड़ें (F3 यंत्र दिखाता है) और Enter दबाएँ। तीन बार के बाद गवाह आ सकता है।',
  },
  'presence-refused': {
    title: 'विभाग इस अंगुली से व्यक्ति को नहीं पहचानता« ({reason})»',
    money: NOTHING_SAVED,
    todo: 'नकद लौटाएँ। दूसरी अंगुली से फिर करें, या कार्यालय भेजें।',
  },
  'witness-not-yet': { title: 'गवाह तभी, जब अंगुली न मिले', money: NOTHING_TAKEN, todo: 'फिर से अंगुली रखवाएँ« ({presses} बार और)»; दूसरी अंगुली लें।' },
  'witness-missing': { title: 'गवाह का नाम नहीं लिखा', money: NOTHING_TAKEN, todo: 'गवाह का नाम और फ़ोटो-पहचान का नंबर लिखें।' },
  'hub-down': { title: 'हब जवाब नहीं दे रहा', money: NOTHING_SAVED, todo: 'नकद लिया हो तो लौटाएँ। थोड़ी देर में फिर करें, या दूसरी सेवा चुनें।' },
  'department-down': { title: 'विभाग का कंप्यूटर जवाब नहीं दे रहा', money: NOTHING_SAVED, todo: 'नकद लिया हो तो लौटाएँ। कुछ मिनट बाद फिर करें।' },
  'mode-not-allowed': { title: 'यह सेवा अभी इस तरीके से नहीं हो सकती', money: NOTHING_TAKEN, todo: 'संपर्क आने तक रुकें, या दूसरी सेवा चुनें।' },
  'department-refused': {
    title: 'विभाग ने भुगतान मना किया« ({reason})»',
    money: 'रकम नागरिक की है: वॉलेट से कुछ नहीं कटा।',
    todo: 'नागरिक को« Rs {amount}» लौटाएँ; पर्ची प्रमाण है।',
  },
  'refused-late': {
    title: 'रसीद के बाद विभाग ने मना किया« ({reason})»',
    money: 'रकम जिला सोसायटी के पास सुरक्षित है« (Rs {amount})»: यहाँ से न लौटाएँ।',
    todo: 'नागरिक को बताएँ: बिल जमा नहीं हुआ; जिला कार्यालय इस रसीद पर रकम लौटाएगा।',
  },
  'department-unknown': {
    title: 'विभाग ने अभी जवाब नहीं दिया',
    money: 'भुगतान सुरक्षित है, उसी नंबर से फिर पूछा जाएगा: दो बार नहीं कटेगा।',
    todo: 'रसीद दें: उस पर "प्राप्त" है। जमा होना बाद में F5 में दिखेगा।',
  },
  'wallet-too-small': { title: 'इस बिल के लिए वॉलेट में रकम कम है', money: NOTHING_SAVED, todo: '«Rs {amount} चाहिए। »नकद लौटाएँ। वॉलेट भरवाएँ।' },
  'lease-absent': { title: 'ऑफ़लाइन काम के लिए हब से सीमा नहीं मिली', money: NOTHING_SAVED, todo: 'नकद लिया हो तो लौटाएँ। सीमा संपर्क आने पर मिलेगी।' },
  'lease-used-up': {
    title: 'ऑफ़लाइन सीमा पूरी हो गई« (Rs {left} बाकी)»',
    money: 'ली गई रकम यहाँ सुरक्षित है। यह बिल दर्ज नहीं हुआ।',
    todo: 'नकद लौटाएँ। छोटा बिल हो सकता है; सीमा संपर्क पर लौटेगी।',
  },
  'lease-expired': {
    title: 'ऑफ़लाइन सीमा का समय पूरा हुआ',
    money: 'ली गई रकम यहाँ सुरक्षित है। यह बिल दर्ज नहीं हुआ।',
    todo: 'नकद लौटाएँ। सीमा संपर्क आने पर लौटेगी।',
  },
  'lease-sale-cap': { title: 'ऑफ़लाइन इतना बड़ा बिल नहीं« (Rs {cap} तक)»', money: NOTHING_SAVED, todo: 'नकद लौटाएँ। संपर्क आने पर यह बिल लें।' },
  'lease-count-cap': {
    title: 'ऑफ़लाइन और बिल नहीं ले सकते',
    money: 'ली गई रकम यहाँ सुरक्षित है। यह बिल दर्ज नहीं हुआ।',
    todo: 'नकद लौटाएँ। संपर्क आने पर आगे बढ़ें।',
  },
  'grant-refused': {
    title: 'हब ने इस बिल की रकम सुरक्षित नहीं की',
    money: NOTHING_SAVED,
    todo: 'नकद लौटाएँ। फिर हो तो जिला कार्यालय को फ़ोन करें।',
  },
  'clock-set-back': {
    title: 'इस मशीन की घड़ी पीछे है« ({time})»',
    money: 'बही सुरक्षित है। घड़ी ठीक होने तक नया दर्ज नहीं होगा।',
    todo: 'तकनीशियन को बुलाएँ। संपर्क आने पर घड़ी अपने आप ठीक होगी।',
  },
  'disk-full': {
    title: 'डिस्क भर गई: कुछ दर्ज नहीं हो सकता',
    money: 'जो दर्ज हुआ वह सुरक्षित है। नया कुछ दर्ज नहीं हुआ।',
    todo: 'नकद लिया हो तो लौटाएँ। तकनीशियन को बुलाएँ।',
  },
  'disk-full-saved': {
    title: 'डिस्क भर गई है: रसीद अभी नहीं छप सकती',
    money: SALE_SAFE,
    todo: 'तकनीशियन को जगह बनाने को बुलाएँ, फिर Enter। या L: रसीद बाद में, F5 से।',
  },
  'ledger-broken': {
    title: 'इस मशीन की बही खराब हुई« (प्रविष्टि {entry})»',
    money: 'नया भुगतान बंद। हब के पास की रकम सुरक्षित है; पढ़ना चालू है।',
    todo: 'मशीन चालू रखें। तकनीशियन को बुलाएँ; खुद ठीक न करें।',
  },
  'ledger-fork': {
    title: 'हब के पास इस काउंटर का दूसरा इतिहास है',
    money: 'नया भुगतान बंद। कुछ मिटाया नहीं गया; जिला दोनों मिलाएगा।',
    todo: 'मशीन चालू रखें। जिला कार्यालय को फ़ोन करें।',
  },
  'restarted-in-sale': {
    title: 'भुगतान दर्ज होने से पहले काउंटर रुक गया« (Rs {amount})»',
    money: 'न दर्ज हुआ, न कुछ कटा: उस बिल का नकद नागरिक का है।',
    todo: 'नकद लौटाएँ, या वह बिल शुरू से फिर लें।',
  },
  'not-given-back': {
    title: 'मना हुआ भुगतान लौटाया दर्ज नहीं है',
    money: 'वॉलेट से कुछ नहीं कटा: यह रकम नागरिक की है।',
    todo: 'रकम लौटाएँ और पुष्टि करें; पर्ची छपेगी।',
  },
  'printer-first': {
    title: 'प्रिंटर तैयार नहीं: कागज़, ढक्कन या तार देखें',
    money: NOTHING_TAKEN,
    todo: 'नकद लेने से पहले ठीक करें। भुगतान हो सकता है; तब रसीद प्रिंटर का इंतज़ार करेगी।',
  },
  'print-unknown': {
    title: 'रसीद निकली या नहीं, पक्का नहीं: कृपया देखें',
    money: SALE_SAFE,
    todo: 'प्रिंटर देखें। Y: पूरी निकली। D: फिर छापें, उस पर DUPLICATE होगा।',
  },
  'print-later': {
    title: 'रसीद अभी नहीं निकली, या किसी ने नहीं बताया कि निकली',
    money: SALE_SAFE,
    todo: 'Enter से अगला नागरिक। प्रिंटर ठीक होने पर F5 से रसीद छापें।',
  },
  'saved-printed': {
    title: 'कागज़ छप गया',
    money: 'भुगतान बही में एक बार सुरक्षित है।',
    todo: 'कागज़ नागरिक को दें। पहली के बाद हर प्रति पर DUPLICATE लिखा होता है।',
  },
  'refund-done': { title: 'नकद लौटा दिया गया', money: 'भुगतान रद्द हुआ; वॉलेट से कुछ नहीं कटा।', todo: 'पर्ची नागरिक को दें।' },
  abandoned: { title: 'बिल छोड़ दिया: कोई भुगतान नहीं हुआ', money: NOTHING_TAKEN, todo: 'अगले नागरिक को बुलाएँ।' },
};

export const hindiRestarts: RestartTexts = {
  'printer-silent': {
    title: 'रसीद छपने से पहले काउंटर फिर चालू हुआ',
    money: SALE_SAFE,
    todo: 'Enter से रसीद छापें। या L: बाद में F5 से छापें।',
  },
  'print-unknown': {
    title: 'रसीद छपते समय काउंटर फिर चालू हुआ: कृपया देखें',
    money: SALE_SAFE,
    todo: 'प्रिंटर देखें। Y: पूरी निकली। D: फिर छापें, उस पर DUPLICATE होगा।',
  },
};
