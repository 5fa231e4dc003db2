//! The parts of a saved block or revision, and anything in it that QLDB does not write:
//! annotations, comments, s-expressions, and unknown fields of an address. Outside a document's
//! data, no hash contradicts these.

use crate::check::{BlockFault, FaultKind, FaultLevel};
use crate::ion::{Container, Event, IonError, Item, Reader, Scalar, TextWriter};

/// The parts of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each part is there, or it is not")]
pub struct BlockParts {
    /// Whether it says what the transaction did.
    pub transaction_info: bool,
    /// Whether it says what was redacted.
    pub redaction_info: bool,
    /// Whether it contains revisions.
    pub revisions: bool,
    /// Whether some of them are of documents, and not the service's own.
    pub documents: bool,
    /// The entries of the list: whether each one holds a hash.
    pub entries: Vec<bool>,
}

/// The parts of a revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevisionParts {
    /// Whether it contains the document's data.
    pub data: bool,
    /// Whether it contains the hash of redacted data.
    pub data_hash: bool,
    /// Whether it contains metadata.
    pub metadata: bool,
    /// The document, according to the metadata.
    pub document_id: Option<String>,
}

impl RevisionParts {
    /// Whether there is only a hash, and nothing that it could be computed from.
    pub fn is_bare(&self) -> bool {
        !self.data && !self.data_hash && !self.metadata
    }

    pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(Self, Vec<BlockFault>), IonError> {
        let mut parts = Self::default();
        let mut metadata = Metadata::default();
        let mut faults = narrow(text, reader, &REVISION, |within, item| match (within, item.field.flatten()) {
            ([_], Some("data")) => parts.data = true,
            ([_], Some("dataHash")) => parts.data_hash = true,
            ([_], Some("metadata")) => {
                parts.metadata = true;
                metadata.begin();
            }
            ([_, parent], Some(name)) if parent == "metadata" => {
                metadata.take(name, &item.event);
                if name == "id" {
                    parts.document_id = item.text().map(str::to_owned);
                }
            }
            _ => {}
        })?;
        faults.extend(metadata.fault("Revision.metadata"));
        Ok((parts, faults))
    }
}

impl BlockParts {
    pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(Self, Vec<BlockFault>), IonError> {
        let mut parts = Self::default();
        let mut metadata = Metadata::default();
        let mut faults = narrow(text, reader, &BLOCK, |within, item| {
            parts.take(within, item, &mut metadata);
        })?;
        faults.extend(metadata.fault("Block.revisions.metadata"));
        Ok((parts, faults))
    }

    fn take(&mut self, within: &[String], item: &Item<'_>, metadata: &mut Metadata) {
        let within: Vec<&str> = within.iter().skip(1).map(String::as_str).collect();
        let begins = matches!(item.event, Event::Begin(_));
        match (&within[..], item.field.flatten(), &item.event) {
            ([], Some("transactionInfo"), _) => self.transaction_info = begins,
            ([], Some("redactionInfo"), _) => self.redaction_info = begins,
            (["entriesHashList"], _, Event::Scalar(scalar)) => {
                self.entries.push(!matches!(scalar, Scalar::Blob(b"") | Scalar::Null(_)));
            }
            (["revisions"], ..) => self.revisions = true,
            (["revisions", _], Some(part @ ("metadata" | "data" | "dataHash")), _) => {
                self.documents = true;
                if part == "metadata" {
                    metadata.begin();
                }
            }
            (["revisions", _, "metadata"], Some(name), event) => metadata.take(name, event),
            _ => {}
        }
    }
}

/// The fields of a revision's metadata, in alphabetical order.
const METADATA: [&str; 4] = ["id", "txId", "txTime", "version"];

/// The fields of each metadata struct that occurred. The hash of another struct could be in the tree in place of the
/// metadata's.
#[derive(Default)]
struct Metadata(Vec<Vec<Option<&'static str>>>);

impl Metadata {
    fn begin(&mut self) {
        self.0.push(Vec::new());
    }

    fn take(&mut self, name: &str, event: &Event<'_>) {
        if let Some(fields) = self.0.last_mut() {
            fields.push(metadata_field(name, event));
        }
    }

    fn fault(self, place: &str) -> Option<BlockFault> {
        let other = self.0.into_iter().any(|mut fields| {
            fields.sort_unstable();
            fields != METADATA.map(Some)
        });
        other.then(|| unwritten(place.to_owned(), "id, txId, txTime and version", "other fields"))
    }
}

/// A field of the metadata, if it has QLDB's type.
fn metadata_field(name: &str, event: &Event<'_>) -> Option<&'static str> {
    let Event::Scalar(scalar) = event else { return None };
    let has_its_type = match scalar {
        Scalar::String(_) => matches!(name, "id" | "txId"),
        Scalar::Timestamp(_) => name == "txTime",
        Scalar::Int(_) => name == "version",
        _ => false,
    };
    METADATA.into_iter().find(|known| has_its_type && *known == name)
}

/// What a strict reading must know about a value.
struct Form {
    /// The name of the value.
    name: &'static str,
    /// How many containers enclose a document's data.
    data_within: usize,
}

const BLOCK: Form = Form { name: "Block", data_within: 3 };
const REVISION: Form = Form { name: "Revision", data_within: 1 };

/// The fields of `blockAddress`.
const ADDRESS: [&str; 2] = ["strandId", "sequenceNo"];
/// The structs that are hashed as a whole, including annotations before them.
const HASHED: [&str; 3] = ["transactionInfo", "redactionInfo", "metadata"];

/// Reads a value to its end and passes each item to `take`, with the fields of the containers around it, the value
/// itself first. Returns what QLDB does not write.
fn narrow(
    text: &str,
    reader: &mut Reader<'_>,
    form: &Form,
    mut take: impl FnMut(&[String], &Item<'_>),
) -> Result<Vec<BlockFault>, IonError> {
    let mut faults = Vec::new();
    let mut within: Vec<String> = Vec::new();
    let mut writer = TextWriter::default();
    while let Some(item) = reader.next_item()? {
        writer.write(&item);
        if item.event == Event::End {
            within.pop();
            continue;
        }
        if !form.is_data(&within, &item) {
            faults.extend(form.fault(&within, &item));
        }
        take(&within, &item);
        if matches!(item.event, Event::Begin(_)) {
            within.push(item.field.flatten().unwrap_or_default().to_owned());
        }
    }
    // A comment begins with a slash that is in no value.
    if count_slashes(text.as_bytes()) > count_slashes(&writer.take()) {
        faults.push(unwritten(form.name.to_owned(), "no comment", "a comment"));
    }
    if !text.trim_start().starts_with('{') && faults.iter().all(|fault| fault.field != form.name) {
        faults.push(unwritten(form.name.to_owned(), "nothing before the struct", "something"));
    }
    Ok(faults)
}

impl Form {
    /// Whether an item belongs to a document's data, where any Ion is allowed.
    fn is_data(&self, within: &[String], item: &Item<'_>) -> bool {
        let in_revision = self.data_within == 1 || within.get(1).is_some_and(|field| field == "revisions");
        let field = within.get(self.data_within).map(String::as_str);
        let own = within.len() == self.data_within && item.field == Some(Some("data"));
        in_revision && (own || field == Some("data"))
    }

    fn fault(&self, within: &[String], item: &Item<'_>) -> Option<BlockFault> {
        let name = item.field.flatten().unwrap_or_default();
        let place = || {
            let fields = within.iter().skip(1).map(String::as_str).chain([name]);
            let named: Vec<&str> = std::iter::once(self.name).chain(fields.filter(|field| !field.is_empty())).collect();
            named.join(".")
        };
        if !item.annotations.is_empty() {
            let hashed = !within.is_empty() && HASHED.contains(&name);
            let kind = if hashed { FaultKind::Differs } else { FaultKind::Unlike };
            return Some(BlockFault { kind, ..unwritten(place(), "no annotation", "an annotation") });
        }
        if item.event == Event::Begin(Container::Sexp) {
            return Some(unwritten(place(), "no s-expression", "an s-expression"));
        }
        let in_address = within.len() > 1 && within.last().is_some_and(|field| field == "blockAddress");
        (in_address && !ADDRESS.contains(&name)).then(|| unwritten(place(), "strandId or sequenceNo", "another field"))
    }
}

/// Something that QLDB does not write, which no hash would reveal.
fn unwritten(field: String, expected: &str, found: &str) -> BlockFault {
    let (expected, found) = (expected.to_owned(), found.to_owned());
    BlockFault { level: FaultLevel::Contents, field, expected, found, kind: FaultKind::Unlike }
}

fn count_slashes(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'/', bytes).count()
}
