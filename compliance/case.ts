/**
 * What a compliance case is: an id, what it holds an endpoint to, what is sent and what is expected. Cases are data;
 * `trial/` carries them out against a server or a client.
 */

import type { RequirementId } from './requirements/requirements.ts';
import type { Item } from './wire/conversation.ts';
import type { Cut } from './wire/cut.ts';
import type { DeflateParameters, ExtensionElement } from './wire/extension-list.ts';
import type { Frame, Role } from './wire/frame.ts';
import type { HeadEdit } from './wire/http-head.ts';

/** One case. */
export interface Case {
  /** Family and number, such as `2.10`. */
  readonly id: string;
  /** What is checked, in a sentence without its subject: "answers a Ping with its payload". */
  readonly title: string;
  /** The rules of the RFCs that it checks. */
  readonly holds: readonly RequirementId[];
  /** Which role it tests. */
  readonly role: Role | 'both';
  /** Left out of the quick run. */
  readonly isSlow: boolean;
  readonly trial: Trial;
}

/** A family of cases. */
export interface Family {
  readonly number: number;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** A case before its family gives it a number. Role: both, unless it says otherwise. */
export interface CaseDraft {
  readonly title: string;
  readonly holds: readonly RequirementId[];
  readonly role?: Role;
  readonly isSlow?: boolean;
  readonly trial: Trial;
}

/** The kinds of cases. */
export type Trial = Exchange | RequestTrial | ResponseTrial | OfferTrial | AnswerTrial;

/** A message to be echoed: text or binary. */
export type Message = string | Uint8Array;

/** Items are sent on an open connection; messages are expected to be echoed. */
export interface Exchange {
  readonly type: 'exchange';
  /** Uses permessage-deflate with these parameters; where they are refused, the case is unimplemented. */
  readonly compression?: DeflateParameters;
  /** A function, so that large payloads exist only while they are needed. */
  readonly steps: () => readonly Step[];
  readonly outcome: Outcome;
  /** Whether the masking keys of the answers have to look random. */
  readonly judgeKeys?: true;
}

/** One step of an exchange. */
export type Step =
  | { readonly type: 'send'; readonly items: readonly Item[]; readonly cut?: Cut }
  /** Waits for so many messages and pongs in all. */
  | { readonly type: 'await'; readonly messages?: number; readonly pongs?: number }
  /** The connection should have been failed by now, at the first byte that shows the violation. */
  | { readonly type: 'expect failure' }
  /** Ends our direction of the TCP connection, right behind what is sent last. */
  | { readonly type: 'end'; readonly items?: readonly Item[] };

/** How an exchange is expected to go. */
export type Outcome =
  /** Messages are echoed, Pings answered, and the closing handshake that follows is completed. */
  | {
      readonly type: 'echoes';
      readonly messages?: readonly Message[] | (() => readonly Message[]);
      readonly pongs?: readonly Message[];
      /** Close codes with which it may refuse instead, and be called non-strict. */
      readonly orFails?: readonly number[];
    }
  /** The connection is failed with one of these codes; only what went before is echoed. */
  | {
      readonly type: 'fails';
      readonly codes: readonly number[];
      readonly messages?: readonly Message[];
      readonly pongs?: readonly Message[];
      /** Where the RFC leaves it open: taking the message, whatever is echoed, is called non-strict. */
      readonly mayTakeIt?: true;
    }
  /** Our Close frame, one of the steps, is answered by one with one of these codes. */
  | {
      readonly type: 'closes';
      readonly codes: readonly (number | undefined)[];
      readonly messages?: readonly Message[];
      readonly pongs?: readonly Message[];
    }
  /** The TCP connection is ended, with or without a Close frame. */
  | { readonly type: 'ends'; readonly messages?: readonly Message[] };

/** A request is sent to a server. */
export interface RequestTrial {
  readonly type: 'request';
  readonly request: HeadEdit;
  readonly cut?: Cut;
  readonly expected: RequestExpectation;
}

/** What a server should do with a request. */
export type RequestExpectation =
  /** Accepts; a message is echoed. */
  | { readonly type: 'accepts'; readonly check?: 'no subprotocol' }
  /** Refuses with one of these statuses; another 4xx or 5xx, or hanging up, is non-strict. */
  | {
      readonly type: 'refuses';
      readonly statuses: readonly number[];
      /** A header that the refusal has to have. */
      readonly header?: readonly [name: string, value: RegExp];
      /** Whether accepting is only non-strict, because the rule is no MUST or is not the server's. */
      readonly mayAccept?: true;
    };

/** A client's request is checked and answered. */
export interface ResponseTrial {
  readonly type: 'response';
  /** How the answer differs from a well-formed one. `$accept` in a header stands for the right accept value. */
  readonly response: HeadEdit;
  readonly cut?: Cut;
  /** What is wrong with the client's request; undefined if nothing is. */
  readonly check?: RequestCheck;
  /** Whole messages that stand right behind the response, in the same segment. */
  readonly behind?: readonly Frame[];
  readonly expected: 'opens' | 'hangs up';
}

/** Looks at a client's request. */
export interface RequestCheck {
  fault(request: ReceivedRequest): string | undefined;
}

/** A client's request, read. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Whether bytes came behind it before it was answered. */
  readonly hasMore: boolean;
  /** All values of a header field. */
  values(name: string): readonly string[];
}

/** permessage-deflate is offered to a server. */
export interface OfferTrial {
  readonly type: 'offer';
  /** Header fields, one after the other. */
  readonly offer: readonly string[];
  readonly expected: OfferExpectation;
}

/** What a server should do with an offer. */
export type OfferExpectation =
  /** Accepts one of these elements of the offer, or declines all, which is called unimplemented. */
  | {
      readonly type: 'may accept';
      readonly offers: readonly DeflateParameters[];
      /** Other elements are invalid, so that refusing the handshake as a whole is only non-strict. */
      readonly mayRefuse?: true;
    }
  /** Opens the connection without the extension; refusing the handshake is non-strict. */
  | { readonly type: 'declines' }
  /** Refuses the handshake, because the header is malformed. */
  | { readonly type: 'refuses' };

/** A client's offer of permessage-deflate is answered. */
export interface AnswerTrial {
  readonly type: 'answer';
  /** Makes the answer from the client's offer; undefined if the offer has no place for it. */
  readonly answer: (offer: DeflateParameters, all: readonly ExtensionElement[]) => string | undefined;
  readonly expected: 'opens' | 'hangs up';
}

/** What a case says of a peer, from best to worst. */
export type Verdict = 'pass' | 'non-strict' | 'unimplemented' | 'fail';

/** One thing that was found. */
export interface Finding {
  readonly verdict: Exclude<Verdict, 'pass'>;
  readonly note: string;
}

/** Gives the cases of a family their numbers. */
export function family(number: number, title: string, drafts: readonly CaseDraft[]): Family {
  const cases = drafts.map(
    (draft, index): Case => ({
      ...draft,
      id: `${number}.${index + 1}`,
      role: draft.role ?? 'both',
      isSlow: draft.isSlow ?? false,
    }),
  );
  return { number, title, cases };
}
