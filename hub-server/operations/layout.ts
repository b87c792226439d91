/** Files of a hub folder. Keys are 32-byte Ed25519 seeds in hex, readable by the owner alone. */
export const HUB_FILE = 'hub.json';
export const DISTRICT_KEY_FILE = 'district.key';
export const DISTRICT_PUBLIC_FILE = 'district.pub';
export const HUB_KEY_FILE = 'hub.key';
export const HUB_CERTIFICATE_FILE = 'hub.cert';
export const TLS_CERTIFICATE_FILE = 'tls.pem';
export const STORE_FILE = 'hub.db';
