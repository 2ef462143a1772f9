/** How the two released server lines differ, and the server's waiting times. */

export interface Profile {
  /** `v2` is the v2.2.5 line that DMWork runs; `v3` is the line after it. */
  readonly line: "v2" | "v3";
  /** A newer client is answered in this version. */
  readonly latestVersion: number;
  /** v2.2.5 sends nothing on a bad token and lets its idle timer close the socket; v3 answers CONNACK with a reason. */
  readonly silentAuthFailure: boolean;
  /** v3 honors the NoEncrypt bit both ways; v2.2.5 encrypts and decrypts everything and only copies the bit. */
  readonly honorsNoEncrypt: boolean;
  /** v3 treats a wrong msgKey and every packet that it does not know as a protocol error and closes. */
  readonly closesOnViolation: boolean;
  /** v3 repeats the client's message number at the end of SENDACK. */
  readonly echoesClientMsgNo: boolean;
}

export const profiles: Readonly<Record<Profile["line"], Profile>> = {
  v2: {
    line: "v2",
    latestVersion: 5,
    silentAuthFailure: true,
    honorsNoEncrypt: false,
    closesOnViolation: false,
    echoesClientMsgNo: false,
  },
  v3: {
    line: "v3",
    latestVersion: 6,
    silentAuthFailure: false,
    honorsNoEncrypt: true,
    closesOnViolation: true,
    echoesClientMsgNo: true,
  },
};

export interface Timing {
  /** A socket that has not sent CONNECT. */
  readonly connectMs: number;
  /** From a refused CONNECT to the silent close. */
  readonly authFailureMs: number;
  /** Since the last received byte. */
  readonly idleMs: number;
  /** From the packet that announces the loss of a connection to another device, to its close. */
  readonly takeoverMs: number;
  /** The same after the token was announced again. */
  readonly tokenKickMs: number;
  readonly resendMs: number;
  readonly resendMax: number;
}

/** The released servers' own values. */
export const serverTiming: Timing = {
  connectMs: 2_000,
  authFailureMs: 4_000,
  idleMs: 180_000,
  takeoverMs: 2_000,
  tokenKickMs: 10_000,
  resendMs: 60_000,
  resendMax: 5,
};
