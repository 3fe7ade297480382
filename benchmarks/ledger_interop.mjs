// Another implementation of eddsa-jcs-2022 (Digital Bazaar) checks ours and signs one of its own; see ledger_interop.py.
import fs from 'fs';
import * as suites from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as Multikey from '@digitalbazaar/ed25519-multikey';
import jsigs from 'jsonld-signatures';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';

const {AssertionProofPurpose} = jsigs.purposes;
const {document, controller} = JSON.parse(fs.readFileSync('ours.json'));
const known = Object.fromEntries(controller.verificationMethod.map(m => [m.id, {'@context': 'https://w3id.org/security/multikey/v1', ...m}]));
const documentLoader = jsigs.extendContextLoader(async url => {
  if(!known[url]) throw new Error(`not fetched: ${url}`);
  return {documentUrl: url, document: known[url], contextUrl: null};
});
const check = async document => (await jsigs.verify(document, {
  suite: new DataIntegrityProof({cryptosuite: suites.createVerifyCryptosuite()}),
  purpose: new AssertionProofPurpose({controller, date: new Date(), maxTimestampDelta: Infinity}), documentLoader})).verified;
const changed = structuredClone(document);
if(changed.credentialSubject.hours) changed.credentialSubject.hours.estimated[0] ^= 1;
else changed.validUntil = '2999-01-01T00:00:00Z';
const pair = await Multikey.generate({controller: 'did:web:theirs.example'});
pair.id = `did:web:theirs.example#${pair.publicKeyMultibase}`;
const {proof, ...bare} = document;
const signed = await jsigs.sign({...bare, issuer: 'did:web:theirs.example'}, {
  suite: new DataIntegrityProof({signer: {...pair.signer(), id: pair.id}, cryptosuite: suites.createSignCryptosuite()}),
  purpose: new AssertionProofPurpose(), documentLoader});
fs.writeFileSync('theirs.json', JSON.stringify({ours: await check(document), changed: await check(changed), signed, key: pair.publicKeyMultibase}));
