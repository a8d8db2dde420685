// The live connection: frames in, acknowledgements out, and a reconnect after every loss.
//
// In scope: connecting, resuming, acknowledging, detecting silence, backing off. Out of scope: what
// a frame means (the receiver), whether the page is visible (the caller pauses and resumes).

/** Milliseconds without a message from the server, after which it is pinged. */
export const SILENCE = 25_000;
/** Milliseconds that a pong, or a handshake, may take. */
export const PATIENCE = 10_000;
/** Milliseconds: the longest wait before the first retry, and before any. */
export const BACKOFF_FIRST = 500;
export const BACKOFF_MAX = 30_000;
/** Milliseconds after which a connection counts as good: its loss resets the backoff. */
const GOOD = 10_000;
/** Consecutive refused frames after which the page counts as outdated. */
const REFUSALS_MAX = 3;

export const CLOSE = {
  restart: 4000, protocol: 4002, notAllowed: 4003, slow: 4008, tooMany: 4009,
} as const;

export type SocketState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "waiting"; until: number }
  | { kind: "paused" }
  | { kind: "refused"; reason: "not allowed" | "outdated" };

/** Proves that a frame was read: its sequence and its digest. */
export interface Acknowledgement {
  ack: number;
  digest: number;
}

export interface Receiver {
  /** Where to resume, or null before the first frame. */
  position(): { epoch: string; sequence: number } | null;
  /** Applies a frame and returns its acknowledgement, or null if it was refused. */
  take(frame: Uint8Array): Acknowledgement | null;
}

export interface SocketOptions {
  /** `wss://…/api/live/world` */
  url: string;
  /** The subprotocol of the frames that the receiver reads. */
  protocol: string;
  receiver: Receiver;
  onState: (state: SocketState) => void;
  /** Whether the server no longer speaks the protocol; rejects if the server is unreachable. */
  isOutdated?: () => Promise<boolean>;
  /** 0 to 1; replaced in tests. */
  random?: () => number;
  connect?: (url: string, protocol: string) => WebSocket;
}

export class LiveSocket {
  readonly #options: SocketOptions;
  readonly #random: () => number;
  #socket: WebSocket | null = null;
  #state: SocketState = { kind: "paused" };
  #attempt = 0;
  #refusals = 0;
  /** Set if resuming would repeat an error: the next connection requests a keyframe. */
  #fresh = false;
  #openedAt = 0;
  /** Whether `isOutdated` was called since a socket was last open. */
  #checked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Connects, immediately if it was paused or waiting. */
  start(): void {
    if (this.#state.kind === "connecting" || this.#state.kind === "live") return;
    if (this.#state.kind === "refused") return;
    this.#connect();
  }

  /** Disconnects until `start`; the position to resume from is kept. */
  pause(): void {
    if (this.#state.kind === "refused") return;
    this.#drop(1000);
    this.#enter({ kind: "paused" });
  }

  #connect(): void {
    this.#drop(1000);
    this.#enter({ kind: "connecting" });
    const socket = (this.#options.connect ?? open)(this.#address(), this.#options.protocol);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#after(PATIENCE, () => this.#lost(null));
    socket.onopen = () => {
      this.#openedAt = Date.now();
      this.#checked = false;
      this.#enter({ kind: "live" });
      this.#watch();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.#watch();
      if (event.data instanceof ArrayBuffer) this.#take(new Uint8Array(event.data));
    };
    socket.onclose = (event: CloseEvent) => this.#lost(event.code);
  }

  #address(): string {
    const position = this.#fresh ? null : this.#options.receiver.position();
    if (position === null) return this.#options.url;
    return `${this.#options.url}?epoch=${position.epoch}&sequence=${position.sequence}`;
  }

  #take(frame: Uint8Array): void {
    const acknowledgement = this.#options.receiver.take(frame);
    if (acknowledgement !== null) {
      this.#fresh = false;
      this.#refusals = 0;
      this.#socket?.send(JSON.stringify(acknowledgement));
      return;
    }
    this.#fresh = true;
    this.#refusals++;
    if (this.#refusals >= REFUSALS_MAX) this.#refuse("outdated");
    else this.#lost(null);
  }

  /** Pings after a silence, and gives up after another. */
  #watch(): void {
    this.#after(SILENCE, () => {
      this.#socket?.send("ping");
      this.#after(PATIENCE, () => this.#lost(null));
    });
  }

  /** `code` is the close code, null if this end gave up. */
  #lost(code: number | null): void {
    if (code === CLOSE.notAllowed) return this.#refuse("not allowed");
    if (code === CLOSE.protocol) this.#fresh = true;
    if (code !== null && this.#openedAt === 0) this.#checkOutdated();
    const lived = this.#openedAt > 0 && Date.now() - this.#openedAt >= GOOD;
    this.#attempt = lived || code === CLOSE.restart ? 0 : this.#attempt + 1;
    this.#drop(1000);
    const wait = this.#backoff(code);
    this.#enter({ kind: "waiting", until: Date.now() + wait });
    this.#after(wait, () => this.#connect());
  }

  /** Asks the server whether the page is outdated: browsers hide why a handshake failed. */
  #checkOutdated(): void {
    if (this.#checked || this.#options.isOutdated === undefined) return;
    this.#checked = true;
    this.#options.isOutdated().then(
      (outdated) => {
        if (outdated && this.#state.kind !== "live") this.#refuse("outdated");
      },
      () => { this.#checked = false; },
    );
  }

  /** Full jitter: the whole wait is random, so that many maps do not reconnect at once. */
  #backoff(code: number | null): number {
    if (code === CLOSE.tooMany) return BACKOFF_MAX * (1 + this.#random());
    const most = Math.min(BACKOFF_FIRST * 2 ** this.#attempt, BACKOFF_MAX);
    return most * this.#random();
  }

  #refuse(reason: "not allowed" | "outdated"): void {
    this.#drop(1000);
    this.#enter({ kind: "refused", reason });
  }

  #drop(code: number): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#openedAt = 0;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  #after(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }

  #enter(state: SocketState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function open(url: string, protocol: string): WebSocket {
  return new WebSocket(url, protocol);
}
