//! Parses the input values into operations.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use crate::engine::document_fault::DocumentFault;
use crate::engine::error::LedgerError;
use crate::engine::limits;
use qldb_journal::JournalError;
use qldb_journal::ion::{BinaryWriter, Container, Event, Item, RawValue, Scalar, TextWriter, values};
use qldb_journal::request::UniqueId;

/// What one value asks for: an insert has no id, an update has id and data, and a delete has no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Operation {
    /// The position of the value in the input, for messages.
    pub(super) place: String,
    pub(super) id: Option<UniqueId>,
    /// The document, as Ion text.
    pub(super) data: Option<Vec<u8>>,
}

impl Operation {
    /// The size of the document.
    pub(super) fn size(&self) -> usize {
        self.data.as_ref().map_or(0, Vec::len)
    }
}

/// The operations in an input, one at a time.
pub(super) fn operations<R: Read>(input: R, committed: bool) -> impl Iterator<Item = Result<Operation, LedgerError>> {
    let lines = Rc::new(RefCell::new(Lines::default()));
    let counted = LineReader { input, lines: Rc::clone(&lines) };
    let mut number = 0u64;
    values(counted).map(move |value| {
        number += 1;
        let value = value.map_err(|error| unreadable(error, &lines))?;
        let place = place(&value, number, &lines);
        let refused = |fault| LedgerError::Document { place: place.clone(), fault };
        let (id, data) = if committed { committed_view(&value) } else { document(&value) }.map_err(refused)?;
        Ok(Operation { place, id, data })
    })
}

/// Ion binary has no lines; there the values are counted.
fn place(value: &RawValue, number: u64, lines: &RefCell<Lines>) -> String {
    if value.binary { format!("value {number}") } else { format!("line {}", lines.borrow_mut().line(value.offset)) }
}

fn unreadable(error: JournalError, lines: &RefCell<Lines>) -> LedgerError {
    match error.io {
        Some(source) => LedgerError::Io { what: "cannot read the documents".to_owned(), source },
        None => LedgerError::Document {
            place: format!("line {}", lines.borrow_mut().line(error.offset)),
            fault: DocumentFault::Unreadable(error.reason),
        },
    }
}

type Parts = (Option<UniqueId>, Option<Vec<u8>>);

/// A value that is a document itself.
fn document(value: &RawValue) -> Result<Parts, DocumentFault> {
    let mut copy = Copy::default();
    walk(value, |_, item| copy.write(item))?;
    copy.finish().map(|data| (None, Some(data)))
}

/// A value in the shape of QLDB's committed view. What only the service writes there, such as the block's address, may
/// be present and is ignored.
fn committed_view(value: &RawValue) -> Result<Parts, DocumentFault> {
    let (mut id, mut has_metadata) = (None, false);
    let mut data: Option<Copy> = None;
    walk(value, |path, item| match path {
        [metadata] if metadata == "metadata" => has_metadata = true,
        [metadata, name] if metadata == "metadata" && name == "id" => {
            if let Event::Scalar(Scalar::String(text)) = &item.event {
                id = UniqueId::parse(text).ok();
            }
        }
        [name, ..] if name == "data" => data.get_or_insert_default().write_inner(path, item),
        _ => {}
    })?;
    let data = data.map(Copy::finish).transpose()?;
    match (has_metadata, id, data) {
        (true, None, _) => Err(DocumentFault::NoId),
        (false, _, None) => Err(DocumentFault::NotCommitted),
        (_, id, data) => Ok((id, data)),
    }
}

/// Reads a struct item by item, each with the names of the enclosing fields. The end of a container has the same path
/// as its beginning.
fn walk(value: &RawValue, mut each: impl FnMut(&[String], &Item<'_>)) -> Result<(), DocumentFault> {
    let mut reader = value.reader();
    let mut path: Vec<String> = Vec::new();
    let mut first = true;
    while let Some(item) = reader.next_item().map_err(|error| DocumentFault::Unreadable(error.into_reason()))? {
        if first && item.event != Event::Begin(Container::Struct) {
            return Err(DocumentFault::NotADocument);
        }
        if !value.symbols.is_system() && has_unknown_symbol(&item) {
            return Err(DocumentFault::UnknownSymbol);
        }
        if !first && item.event != Event::End {
            path.push(item.field.flatten().unwrap_or_default().to_owned());
        }
        each(&path, &item);
        if !first && !matches!(item.event, Event::Begin(_)) {
            path.pop();
        }
        first = false;
    }
    Ok(())
}

/// Whether a field, an annotation or a value is a symbol without a known text.
fn has_unknown_symbol(item: &Item<'_>) -> bool {
    item.field == Some(None)
        || item.annotations.iter().any(Option::is_none)
        || matches!(item.event, Event::Scalar(Scalar::Symbol(None)))
}

/// Copies a document, and computes its size as Ion binary.
#[derive(Default)]
struct Copy {
    text: TextWriter,
    binary: BinaryWriter,
    is_struct: Option<bool>,
}

impl Copy {
    fn write(&mut self, item: &Item<'_>) {
        self.is_struct.get_or_insert(item.event == Event::Begin(Container::Struct));
        self.text.write(item);
        self.binary.write(item);
    }

    /// Takes an item of a field's value, without the field's own name.
    fn write_inner(&mut self, path: &[String], item: &Item<'_>) {
        let field = if path.len() > 1 { item.field } else { None };
        self.write(&item.clone().with_field(field));
    }

    fn finish(mut self) -> Result<Vec<u8>, DocumentFault> {
        if self.is_struct != Some(true) {
            return Err(DocumentFault::DataNotADocument);
        }
        let (size, most) = (self.binary.len(), limits::DOCUMENT_BYTES);
        if size > most {
            return Err(DocumentFault::TooLarge { size, most });
        }
        Ok(self.text.take())
    }
}

/// The positions of line ends in an input, from the last queried offset to where it was read.
#[derive(Default)]
struct Lines {
    ends: VecDeque<u64>,
    read: u64,
    passed: u64,
}

impl Lines {
    fn count(&mut self, bytes: &[u8]) {
        self.ends.extend(memchr::memchr_iter(b'\n', bytes).map(|at| self.read + at as u64));
        self.read += bytes.len() as u64;
    }

    /// The line of an offset, from 1. Offsets must not decrease.
    fn line(&mut self, offset: u64) -> u64 {
        while self.ends.front().is_some_and(|end| *end < offset) {
            self.ends.pop_front();
            self.passed += 1;
        }
        self.passed + 1
    }
}

struct LineReader<R> {
    input: R,
    lines: Rc<RefCell<Lines>>,
}

impl<R: Read> Read for LineReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.lines.borrow_mut().count(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "KmA3ZZca7vAIiJAK9S5Iwl";

    fn read(input: &str, committed: bool) -> Vec<Result<Operation, String>> {
        operations(input.as_bytes(), committed).map(|result| result.map_err(|error| error.to_string())).collect()
    }

    fn text(operation: &Operation) -> &str {
        operation.data.as_deref().map_or("", |data| std::str::from_utf8(data).unwrap())
    }

    #[test]
    fn json_lines_and_ion_text_are_documents_with_their_lines() {
        let found = read("{\"a\":1}\n\n{b: x::[2007T,\n {c:d}]}\n", false);
        let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), ["{a:1}", "{b:x::[2007T,{c:d}]}"]);
        assert_eq!(found.iter().map(|each| each.place.as_str()).collect::<Vec<_>>(), ["line 1", "line 3"]);
        assert!(found.iter().all(|each| each.id.is_none()));
    }

    #[test]
    fn a_line_that_is_not_a_document_is_refused_with_its_number() {
        assert_eq!(read("{a:1}\n[2]", false)[1].as_ref().unwrap_err(), "line 2: it is not a document");
        assert!(read("{a:1}\n{b:", false)[1].as_ref().unwrap_err().starts_with("line 2: "));
        let large = format!("{{a:\"{}\"}}", "x".repeat(limits::DOCUMENT_BYTES));
        assert!(read(&large, false)[0].as_ref().unwrap_err().contains("QLDB allows 131072"));
    }

    #[test]
    fn symbols_without_text_are_refused_unless_they_are_symbol_zero() {
        let table = "$ion_symbol_table::{imports:[{name:\"elsewhere\",version:1,max_id:1}],symbols:[\"here\",null]}";
        for document in ["{$10:1}", "{a:$10}", "{a:$12}", "{a:$10::1}", "{a:[{b:[$0]}]}"] {
            let found = read(&format!("{table} {{$11:1}} {document}"), false);
            assert_eq!(found[0].as_ref().map(text), Ok("{here:1}"));
            assert!(found[1].as_ref().unwrap_err().contains("a symbol has no text"), "{document}");
        }
        assert_eq!(read("{a:$0}", false)[0].as_ref().map(text), Ok("{a:$0}"));
    }

    #[test]
    fn the_committed_view_says_what_is_to_be_done() {
        let input = format!(
            "{{metadata:{{id:\"{ID}\",version:3}},hash:{{{{}}}},data:{{a:{{metadata:1}}}}}} {{metadata:{{id:\"{ID}\"}}}} {{data:{{}}}}"
        );
        let found: Vec<_> = read(&input, true).into_iter().map(Result::unwrap).collect();
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), ["{a:{metadata:1}}", "", "{}"]);
        assert_eq!(found.iter().map(|each| each.id.is_some()).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_committed_view_without_a_proper_id_or_document_is_refused() {
        for input in ["{metadata:{version:1},data:{}}", "{metadata:{id:\"x\"}}", "{a:1}", "{data:[]}", "{data:null}"] {
            assert!(read(input, true)[0].is_err(), "{input} was accepted");
        }
    }
}
