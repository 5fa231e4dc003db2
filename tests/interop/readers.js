// Compares our Ion readers with ion-js: reads the output of the example `ion` on
// stdin, and prints unknown disagreements. With `forgeries` it reads the forgeries of
// the Rust tests, and prints the values in each. ion-js must be in NODE_PATH.
'use strict';

const fs = require('fs');
const ion = require('ion-js');
const types = ion.IonTypes;
const VERSION_MARKER = "symbol '24696f6e5f315f30'";

const quoted = (bytes) => "'" + Buffer.from(bytes).toString('hex') + "'";
const symbol = (text) => (text === null || text === undefined ? '$0' : quoted(Buffer.from(text, 'utf8')));

function float(value) {
  if (Number.isNaN(value)) return 'float nan';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return 'float ' + bytes.toString('hex');
}

function decimal(value) {
  const coefficient = value.getCoefficient();
  const isNegative = value.isNegative();
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString();
  return `decimal ${isNegative ? '-' : ''}${digits}d${value.getExponent()}`;
}

function scalar(reader, type) {
  switch (type) {
    case types.BOOL: return String(reader.booleanValue());
    case types.INT: return 'int ' + reader.bigIntValue().toString();
    case types.FLOAT: return float(reader.numberValue());
    case types.DECIMAL: return decimal(reader.decimalValue());
    case types.TIMESTAMP: {
      const text = reader.timestampValue().toString();
      return 'timestamp ' + text.replace(/[+]00:00$/, 'Z').replace(/^(.{10})T$/, '$1');
    }
    case types.SYMBOL: return 'symbol ' + symbol(reader.stringValue());
    case types.STRING: return 'string ' + quoted(Buffer.from(reader.stringValue(), 'utf8'));
    case types.CLOB: return 'clob ' + quoted(reader.uInt8ArrayValue());
    case types.BLOB: return 'blob ' + quoted(reader.uInt8ArrayValue());
    default: throw new Error('no such type: ' + type);
  }
}

function value(reader, type, isField) {
  const name = isField ? symbol(reader.fieldName()) + '=' : '';
  const annotations = reader.annotations().map((text) => symbol(text) + '::').join('');
  return name + annotations + bare(reader, type);
}

function bare(reader, type) {
  if (reader.isNull()) return 'null.' + type.name;
  if (!type.isContainer) return scalar(reader, type);
  const children = [];
  reader.stepIn();
  for (let child = reader.next(); child !== null; child = reader.next()) {
    children.push(value(reader, child, type === types.STRUCT));
  }
  reader.stepOut();
  if (type === types.LIST) return '[' + children.join(',') + ']';
  if (type === types.SEXP) return '(' + children.join(' ') + ')';
  return '{' + children.sort().join(',') + '}';
}

function read(document) {
  const reader = ion.makeReader(new Uint8Array(document));
  const found = [];
  for (let type = reader.next(); type !== null; type = reader.next()) {
    found.push(value(reader, type, false));
  }
  return found;
}

// The kind of disagreement and its details, or null.
function judge(document, verdict, reported) {
  let theirs;
  try {
    theirs = read(document).filter((text) => text !== VERSION_MARKER);
  } catch (error) {
    return verdict === 'refused' ? null : ['they refuse', String(error.message)];
  }
  if (verdict === 'refused') return ['we refuse', `${reported}: they read ${JSON.stringify(theirs)}`];
  const ours = JSON.stringify(reported.map(([text]) => text));
  return ours === JSON.stringify(theirs) ? null : ['values', `${ours}\n  ${JSON.stringify(theirs)}`];
}

// Where ion-js 5.2 disagrees: the kind, patterns for its details and for the document, and what the specification says.
const KNOWN = [
  ['values', /./s, /''''/, 'a quote may stand beside the three that end a part of a long string'],
  ['values', /clob '/, /\\[\r\n]/, 'an escaped line end in a clob is nothing'],
  ['values', /string '/, /'''[^]*\r/, 'a carriage return in a long string is a line feed'],
  ['values', /24696f6e5f73796d626f6c5f7461626c65'::/, /./s, 'a table may have further annotations behind its own'],
  ['they refuse', /invalid character after number/, /[\dbx]_?\d|0b|0B/, 'digits may be parted by underscores'],
  ['they refuse', /Symbol ID zero|symboltokens unsupported/, /\$0/, 'symbol zero is a symbol without text'],
  ['they refuse', /Year 10000 must be/, /9999/, 'the last second of 9999 may have a fraction'],
  ['they refuse', /unexpected low surrogate/, /./s, 'a character may be beyond the first 65,536, and two escapes may make one'],
  ['they refuse', /step into a null/, /null\.struct/, 'a null that is annotated as a symbol table is a value'],
  ['we refuse', /a clob may hold only ASCII|no such escape in a clob/, /\{\{/, 'a clob has ASCII, and no \\u or \\U'],
  ['we refuse', /the object ends at/, /$/, 'a value has its end'],
  ['we refuse', /not a Unicode character/, /\\ud/, 'half of a surrogate pair is no character'],
];

function isKnown(kind, details, document) {
  return KNOWN.some(([known, reported, text]) => kind === known && reported.test(details) && text.test(document));
}

// The values in a forgery, or why it can't be read.
function reading(document, encoding) {
  try {
    return { read: encoding === 'Json' ? readJson(document) : read(document).filter((text) => text !== VERSION_MARKER) };
  } catch (error) {
    return { refused: String(error.message) };
  }
}

function readJson(document) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document);
  return text.split('\n').filter((line) => line.trim() !== '').map((line) => canonicalJson(JSON.parse(line)));
}

function canonicalJson(value) {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes.toString('hex');
  }
  if (typeof value === 'string') return quoted(Buffer.from(value, 'utf8'));
  if (Array.isArray(value)) return '[' + value.map(canonicalJson).join(',') + ']';
  if (value === null || typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, child]) => symbol(name) + '=' + canonicalJson(child));
  return '{' + fields.sort().join(',') + '}';
}

// Each line is written immediately: if ion-js never ends, the number of lines shows on which document.
const asked = process.argv[2];
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const [encoded, verdict, reported, , encoding] = line.split('\t');
  const document = Buffer.from(encoded, 'base64');
  if (asked === 'forgeries') {
    fs.writeSync(1, JSON.stringify(reading(document, encoding)) + '\n');
    continue;
  }
  const found = judge(document, verdict, JSON.parse(reported));
  const isFault = found !== null && !isKnown(...found, document.toString());
  fs.writeSync(1, JSON.stringify(isFault ? [found[0], JSON.stringify(document.toString()), found[1]] : null) + '\n');
}
