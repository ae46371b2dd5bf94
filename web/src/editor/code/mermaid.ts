/** Mermaid for the code editor: which words, labels, links and comments a line holds. */
import { StreamLanguage, type StreamParser, type StringStream } from "@codemirror/language";
import { tags, type Tag } from "@lezer/highlight";

const HEADS =
  "architecture-beta|block-beta|block|C4Component|C4Container|C4Context|C4Deployment|C4Dynamic|classDiagram|erDiagram|flowchart|gantt|gitGraph|graph|journey|kanban|mindmap|packet-beta|pie|quadrantChart|requirementDiagram|sankey-beta|sequenceDiagram|stateDiagram-v2|stateDiagram|timeline|xychart-beta|zenuml";
const WORDS =
  "accDescr|accTitle|activate|actor|alt|and|as|autonumber|box|branch|break|checkout|class|classDef|click|columns|commit|create|critical|dateFormat|deactivate|destroy|direction|else|end|excludes|group|in|junction|link|linkStyle|links|loop|merge|namespace|note|opt|over|par|participant|rect|section|service|state|style|subgraph|title|x-axis|y-axis";
const DIRECTIONS = /^(?:TB|TD|BT|RL|LR)\b/u;

const head = new RegExp(`^(?:${HEADS})(?![\\w-])`, "u");
const word = new RegExp(`^(?:${WORDS})(?![\\w-])`, "iu");
const link = /^(?:[<xo]?(?:-{2,}|={2,}|-\.+-?)(?:>>?|[xo)](?=\s|$|\|))?|<<?-{1,2}>?>?|-{1,2}(?:>>?|[x)])|~~~+|[|}o]{1,2}(?:--|\.\.)[|{o]{1,2}|<\|--|--\|>|\*--|o--|\.\.>|:::?)[+-]?/u;
const opening = /^(?:\(\(\(?|\[\[|\[\(|\(\[|\{\{|\[\/|\[\\|[[({>])/u;

interface Place {
  /** What ends the label that is being read; empty outside a label. */
  until: string;
  /** Inside the settings between two `---` at the top. */
  settings: boolean;
  /** Nothing but settings and comments came yet. */
  top: boolean;
  directive: boolean;
}

export const mermaidParser: StreamParser<Place> = {
  name: "mermaid",
  startState: () => ({ until: "", settings: false, top: true, directive: false }),
  copyState: (place) => ({ ...place }),
  token,
  languageData: { commentTokens: { line: "%%" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  tokenTable: {
    head: tags.keyword,
    word: tags.keyword,
    label: tags.string,
    link: tags.operator,
    note: tags.comment,
    name: tags.variableName,
    figure: tags.number,
    way: tags.atom,
    setting: tags.meta,
  } satisfies Record<string, Tag>,
};

export const mermaid = StreamLanguage.define(mermaidParser);

function token(stream: StringStream, place: Place): string | null {
  if (stream.sol()) {
    place.until = "";
    if (stream.match(/^---\s*$/u) && (place.top || place.settings)) {
      place.settings = !place.settings;
      place.top = false;
      return "setting";
    }
  }
  if (place.settings) return setting(stream);
  if (place.directive || stream.match(/^%%\{/u)) return directive(stream, place);
  if (place.until) return label(stream, place);
  if (stream.eatSpace()) return null;
  if (stream.match("%%")) {
    stream.skipToEnd();
    return "note";
  }
  place.top = false;
  return piece(stream, place);
}

function piece(stream: StringStream, place: Place): string | null {
  if (stream.match(/^"[^"]*"?/u)) return "label";
  if (stream.match(link)) return "link";
  if (stream.match(/^\|/u)) {
    place.until = "|";
    return "label";
  }
  const bracket = stream.match(opening);
  if (bracket && bracket !== true) {
    place.until = closing(bracket[0]);
    return null;
  }
  if (stream.match(/^:(?!:)/u)) {
    place.until = "\n";
    return "link";
  }
  if (stream.match(head)) return "head";
  if (stream.match(DIRECTIONS)) return "way";
  if (stream.match(word)) return "word";
  if (stream.match(/^\d+(?:\.\d+)?(?![\w-])/u)) return "figure";
  if (stream.match(/^[\p{L}_][\p{L}\p{N}_]*(?:-(?![->.])[\p{L}\p{N}_]+)*/u)) return "name";
  stream.next();
  return null;
}

function closing(bracket: string): string {
  const ends: Record<string, string> = { "[": "]", "(": ")", "{": "}", ">": "]" };
  return ends[bracket.charAt(0)] ?? "]";
}

function label(stream: StringStream, place: Place): string | null {
  if (place.until === "\n") {
    stream.skipToEnd();
    return "label";
  }
  if (stream.match(/^[[\](){}/\\]+/u)) {
    if (stream.current().includes(place.until)) place.until = "";
    return null;
  }
  if (place.until === "|" && stream.eat("|")) {
    place.until = "";
    return "label";
  }
  if (stream.match(/^"[^"]*"?/u)) return "label";
  stream.match(place.until === "|" ? /^[^|]+/u : /^[^[\](){}/\\"]+/u) || stream.next();
  return "label";
}

function directive(stream: StringStream, place: Place): string {
  place.directive = true;
  if (stream.match(/^.*?\}%%/u)) place.directive = false;
  else stream.skipToEnd();
  return "setting";
}

function setting(stream: StringStream): string | null {
  if (stream.match(/^\s*#.*/u)) return "note";
  if (stream.match(/^\s*[\w-]+(?=\s*:)/u)) return "word";
  stream.skipToEnd();
  return "label";
}
