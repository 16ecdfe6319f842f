// What a guest does at the booth, asked of the device. What the screen may show is bound to the guest's own round.

const ROUNDS = "/api/v1/booth/rounds";
const WORDS_FOR = { 403: "failed", 409: "changed", 410: "over", 429: "busy", 507: "full" };

/** Something that did not work. `name`: of the words for it, among `sorry`; "changed": it is agreed to something else now. */
export class Sorry extends Error {
  constructor(name) {
    super(name);
    this.name = name;
  }
}

/** One guest's turn; it begins when they agree to something. */
export class Round {
  #token = "";
  #agreed = new Set();
  #turn = 0;

  get isOn() {
    return Boolean(this.#token);
  }

  /** Whether they have agreed to this already: "find" or "take". */
  hasAgreed(purpose) {
    return this.#agreed.has(purpose);
  }

  /** They agree, to what an event said when they read it. */
  async agree(purpose, { event, consent_version: consent }) {
    const asked = { event, consent, purpose };
    const turn = this.#turn;
    const token = this.#token || (await post(ROUNDS, asked)).round;
    if (this.#token) await post(`${this.#address}/agreed`, asked);
    if (turn !== this.#turn) {
      // They have gone meanwhile: whoever stands there now has agreed to nothing.
      if (token !== this.#token) over(token);
      throw new Sorry("over");
    }
    this.#token = token;
    this.#agreed.add(purpose);
  }

  /** Where the mirror's pictures are. */
  get mirror() {
    return `${this.#address}/mirror`;
  }

  /** Where a photograph is. size: "thumbnail" or "preview". */
  picture(id, size) {
    return `${this.#address}/photographs/${id}/${size}.jpg`;
  }

  /** Takes a photograph: `{id, width, height}`. */
  async take() {
    return (await post(`${this.#address}/photographs`)).photo;
  }

  discard(id) {
    return post(`${this.#address}/photographs/${id}/discard`);
  }

  /** Looks for the guest: `{total, offset, photos, has_face, code}`. */
  search() {
    return post(`${this.#address}/search`);
  }

  /** Some of what was found: `{total, offset, photos}`. */
  found(offset, limit) {
    return answer(fetch(`${this.#address}/found?offset=${offset}&limit=${limit}`));
  }

  deny(id) {
    return post(`${this.#address}/photographs/${id}/not-me`);
  }

  /** They have gone. Whether the device hears it or not, this page knows nothing of them any more. */
  end() {
    if (this.#token) over(this.#token);
    this.#token = "";
    this.#turn += 1;
    this.#agreed.clear();
  }

  get #address() {
    return `${ROUNDS}/${this.#token}`;
  }
}

function over(token) {
  post(`${ROUNDS}/${token}/end`).catch(() => {});
}

function post(address, document = {}) {
  const headers = { "content-type": "application/json" };
  return answer(fetch(address, { method: "POST", headers, body: JSON.stringify(document) }));
}

async function answer(asked) {
  let response;
  try {
    response = await asked;
  } catch {
    throw new Sorry("failed");
  }
  if (!response.ok) throw new Sorry(WORDS_FOR[response.status] ?? "failed");
  return response.json();
}
