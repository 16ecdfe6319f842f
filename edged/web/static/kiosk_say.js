// What is said and shown for a screen: a sentence, a line below it, a mark, a tone.

const MARKS = {
  look_here: "look", closer: "closer", step_back: "back", middle: "look", more_light: "light", less_light: "light",
  face_me: "look", hold_still: "look", one_at_a_time: "one",
  turn_left: "turn_left", turn_right: "turn_right", turn_back: "turn_back",
};
const STAGES = {
  rest: ["calm", "look"], guide: ["calm", "look"], challenge: ["busy", "look"], ask_factor: ["ask", "factor"],
  ask_second: ["ask", "second"], granted: ["yes", "yes"], refused: ["no", "no"], open: ["yes", "open"],
  closed: ["off", "closed"], away: ["off", "away"],
};

/** Words with what stands in braces put in, as text. */
export function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/**
 * What to say. Words that no language file has (of a newer device) give way to what the stage says in general.
 *
 * Returns {tone, mark, title, line, step}.
 */
export function said(screen, look, words) {
  const stage = STAGES[screen.stage] ? screen.stage : "away";
  const [tone, mark] = STAGES[stage];
  const [title, line] = words.stages[stage] ?? ["", ""];
  const plain = { tone, mark, title, line, step: "" };
  const prompt = words.prompts[screen.prompt];
  const reason = words.reasons[screen.reason];
  switch (stage) {
    case "rest":
      return look.has_camera ? plain : { ...plain, mark: "keys", title: words.codes_only };
    case "guide":
      return {
        ...plain, mark: MARKS[screen.prompt] ?? mark, title: prompt ?? title, line: reason ?? line,
        tone: screen.prompt === "more_light" ? "light" : tone,
      };
    case "challenge":
      return {
        ...plain, mark: MARKS[screen.prompt] ?? mark, title: prompt ?? title,
        step: screen.steps ? filled(words.step, screen) : "",
      };
    case "ask_factor": {
      const asked = words.ask_factor[[...screen.accepts].sort().join(" ")] ?? words.enter_code;
      const hint = screen.accepts.includes("qr") && look.has_camera ? words.to_camera : "";
      return { ...plain, mark: codeMark(screen.accepts), title: asked, line: reason ?? hint };
    }
    case "granted":
      return { ...plain, title: greeting(screen, look, words) };
    case "refused":
      return reason ? { ...plain, title: reason, line: "" } : plain;
    case "closed":
      return reason && reason !== words.reasons.closed ? { ...plain, line: reason } : plain;
    case "away":
      return prompt ? { ...plain, title: prompt } : plain;
    default:
      return { ...plain, line: reason ?? line };
  }
}

/** What is easiest to find: a card where one will do, else the keys. */
function codeMark(accepts) {
  if (accepts.includes("card")) return "factor";
  return accepts.includes("qr") && !accepts.includes("pin") ? "qr" : "keys";
}

function greeting({ name }, look, words) {
  const own = look.greeting;
  if (name) return filled(own || words.greeting, { name });
  return own && !own.includes("{name}") ? own : words.stages.granted[0];
}
