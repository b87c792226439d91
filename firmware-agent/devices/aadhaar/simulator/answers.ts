import { createHash, randomBytes } from 'node:crypto';
import { escapeXml } from '../xml.js';

/** How makers differ: which quotes, which order, which paths. */
export const MAKERS = ['plain', 'mantra', 'morpho', 'url'] as const;
export type Maker = (typeof MAKERS)[number];

export type Identity = { readonly maker: Maker; readonly modality: 'finger' | 'iris'; readonly port: number };

const DATA_BYTES = 1_500;
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n';

export function servicePaths({ maker, port }: Identity): { readonly info: string; readonly capture: string } {
  switch (maker) {
    case 'morpho':
      return { info: `/127.0.0.1:${port}/getDeviceInfo`, capture: `/127.0.0.1:${port}/capture` };
    case 'url':
      return { info: `http://127.0.0.1:${port}/rd/info`, capture: `http://127.0.0.1:${port}/rd/capture` };
    default:
      return { info: '/rd/info', capture: '/rd/capture' };
  }
}

export function serviceXml(identity: Identity, status: string): string {
  const { info, capture } = servicePaths(identity);
  const captureLine = `<Interface id="CAPTURE" path="${capture}"/>`;
  const infoLine = `<Interface id="DEVICEINFO" path="${info}"/>`;
  const lines = identity.maker === 'mantra' ? infoLine + captureLine : captureLine + infoLine;
  const name = `${identity.maker === 'plain' ? 'Virtual' : identity.maker} ${identity.modality === 'iris' ? 'IRIS ' : ''}RD Service`;
  return dressed(identity, `<RDService status="${status}" info="${escapeXml(name)}">${lines}</RDService>`);
}

export function deviceInfoXml(identity: Identity, registered: 'yes' | 'no'): string {
  const ids = registered === 'yes' ? 'dpId="JHAROKHA.VIRTUAL" rdsId="JHAROKHA.RD.001"' : 'dpId="" rdsId=""';
  const params = `<additional_info><Param name="srno" value="VF-0001"/><Param name="modality_type" value="${identity.modality === 'iris' ? 'Iris' : 'Finger'}"/></additional_info>`;
  const shown = identity.maker === 'mantra' || identity.maker === 'plain' ? params : '';
  return dressed(identity, `<DeviceInfo ${ids} rdsVer="1.0.0" dc="00000000-0000-4000-8000-000000000001" mi="VF500" mc="">${shown}</DeviceInfo>`);
}

export type Block = { readonly xml: string; readonly dataSha256: string };

/** A PidData as a device would seal it: random bytes, which nobody can open. */
export function capturedXml(identity: Identity, quality: number): Block {
  const data = randomBytes(DATA_BYTES).toString('base64');
  const skey = randomBytes(256).toString('base64');
  const hmac = randomBytes(48).toString('base64');
  const resp = `<Resp errCode="0" errInfo="Success" fCount="1" fType="2" iCount="0" pCount="0" nmPoints="34" qScore="${quality}"/>`;
  const xml = `<PidData>${resp}<DeviceInfo dpId="JHAROKHA.VIRTUAL" rdsId="JHAROKHA.RD.001" rdsVer="1.0.0" dc="0" mi="VF500" mc=""/><Skey ci="20291231">${skey}</Skey><Hmac>${hmac}</Hmac><Data type="X">${data}</Data></PidData>`;
  return { xml: dressed(identity, xml), dataSha256: createHash('sha256').update(data).digest('hex') };
}

export function errorXml(identity: Identity, code: number, info: string): string {
  return dressed(identity, `<PidData><Resp errCode="${code}" errInfo="${escapeXml(info)}"/></PidData>`);
}

/** Morpho writes single quotes and no declaration. */
function dressed({ maker }: Identity, xml: string): string {
  return maker === 'morpho' ? xml.replaceAll('"', "'") : DECLARATION + xml;
}

/** "Billion laughs": harmless only to who reads no DOCTYPE. */
export const DOCTYPE_BOMB = `<?xml version="1.0"?><!DOCTYPE PidData [<!ENTITY a "${'ha'.repeat(50)}">${Array.from(
  { length: 9 },
  (_, i) => `<!ENTITY ${'bcdefghij'[i] ?? 'z'} "${`&${'abcdefghi'[i] ?? 'a'};`.repeat(10)}">`,
).join('')}]><PidData><Resp errCode="0" errInfo="&j;"/></PidData>`;
