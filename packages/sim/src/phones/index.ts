export { PhoneCall, type CallEnd, type CodecName } from './call.ts';
export { patienceMs, within } from './deadline.ts';
export { Ear, isSilence, isTone } from './ear.ts';
export { noImpairment, type Impairment } from './impairment.ts';
export { PhoneHost, type PhoneHostOptions } from './host.ts';
export { Phone, type PhoneOptions } from './phone.ts';
export { RegistrationError, type ServerAddress } from './registration.ts';
export { SoundStream, type SoundStatistics } from './sound-stream.ts';
