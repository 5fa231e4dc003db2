//! Local symbol tables as a stream declares them. For the readers of text and binary.

use std::sync::Arc;

use super::error::IonError;
use super::items::ReadItems;
use super::symbols::{LOCAL_TABLE, MOST_SYMBOLS, SymbolTable, Texts};
use super::value::{Container, Event, Scalar};

/// The most ids that imports may occupy, far below what an id can represent.
const MOST_IMPORTED: usize = 1 << 40;

/// Applies a local symbol table: `reader` is after the beginning of its struct, and has the resulting table afterwards.
/// Returns whether the table has the one form that QLDB writes: symbols, added to the last table or not.
pub(super) fn apply(reader: &mut impl ReadItems) -> Result<bool, IonError> {
    let at = reader.offset();
    let mut declared = Declared::default();
    declared.read(reader)?;
    let table = reader.symbols_mut();
    if !declared.appends {
        *table = Arc::default();
    }
    SymbolTable::extend(table, at, declared.imported, &declared.symbols)?;
    Ok(!declared.is_strange)
}

/// The declarations of a local symbol table.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says that something was met")]
struct Declared {
    appends: bool,
    imported: usize,
    symbols: Texts,
    has_imports: bool,
    has_symbols: bool,
    /// Whether it is more than a list of strings that may be added to the last table.
    is_strange: bool,
}

/// The fields of a local symbol table.
#[derive(Clone, Copy)]
enum Part {
    Imports,
    Symbols,
    Other,
}

impl Declared {
    /// Reads the rest of the struct.
    fn read(&mut self, reader: &mut impl ReadItems) -> Result<(), IonError> {
        loop {
            let at = reader.offset();
            let Some(item) = reader.next_item()? else { return Err(IonError::ended(at, "a symbol table has no end")) };
            let part = match item.field.flatten() {
                _ if item.event == Event::End => return Ok(()),
                Some("imports") => Part::Imports,
                Some("symbols") => Part::Symbols,
                _ => Part::Other,
            };
            let (is_list, is_container) = (item.event == Event::Begin(Container::List), item.begins());
            let appends = matches!(item.event, Event::Scalar(Scalar::Symbol(Some(LOCAL_TABLE))));
            self.is_strange |= !item.annotations.is_empty();
            let is_repeated = match part {
                Part::Imports => std::mem::replace(&mut self.has_imports, true),
                Part::Symbols => std::mem::replace(&mut self.has_symbols, true),
                Part::Other => false,
            };
            if is_repeated {
                return Err(IonError::new(at, "a symbol table has imports or symbols twice"));
            }
            match part {
                Part::Symbols if is_list => self.read_symbols(reader)?,
                Part::Imports if is_list => self.read_imports(reader)?,
                Part::Imports if appends => self.appends = true,
                _ => {
                    self.is_strange = true;
                    if is_container {
                        reader.skip_container()?;
                    }
                }
            }
        }
    }

    fn read_symbols(&mut self, reader: &mut impl ReadItems) -> Result<(), IonError> {
        while let Some(item) = reader.next_item()? {
            if matches!(item.event, Event::End) {
                break;
            }
            let (is_container, text) = (item.begins(), item.text());
            self.is_strange |= text.is_none() || !item.annotations.is_empty();
            self.symbols.push(text);
            if self.symbols.len() > MOST_SYMBOLS {
                return Err(IonError::new(reader.offset(), format!("more than {MOST_SYMBOLS} symbols in one table")));
            }
            if is_container {
                reader.skip_container()?;
            }
        }
        Ok(())
    }

    /// Imports whose tables are not available: their ids are reserved, their texts unknown.
    fn read_imports(&mut self, reader: &mut impl ReadItems) -> Result<(), IonError> {
        self.is_strange = true;
        while let Some(item) = reader.next_item()? {
            match item.event {
                Event::End => break,
                Event::Begin(Container::Struct) => {
                    let reserved = read_import(reader)?;
                    let sum = self.imported.checked_add(reserved).filter(|sum| *sum <= MOST_IMPORTED);
                    self.imported =
                        sum.ok_or_else(|| IonError::new(reader.offset(), "the imports have too many symbols"))?;
                }
                // The specification ignores anything that is not an import.
                Event::Begin(_) => reader.skip_container()?,
                Event::Scalar(_) => {}
            }
        }
        Ok(())
    }
}

/// The number of ids that one import takes. One without a name, or of the system's table, is ignored.
fn read_import(reader: &mut impl ReadItems) -> Result<usize, IonError> {
    let at = reader.offset();
    let (mut is_named, mut max_id, mut has_max_id) = (None, None, false);
    loop {
        let Some(item) = reader.next_item()? else { return Err(IonError::ended(at, "an import has no end")) };
        let is_container = item.begins();
        match (item.field.flatten(), &item.event) {
            (_, Event::End) => break,
            (Some("name"), event) => {
                let name = if let Event::Scalar(Scalar::String(name)) = event { Some(*name) } else { None };
                let named = name.is_some_and(|name| !name.is_empty() && name != "$ion");
                if is_named.replace(named).is_some() {
                    return Err(IonError::new(at, "an import has its name twice"));
                }
            }
            (Some("max_id"), event) => {
                if std::mem::replace(&mut has_max_id, true) {
                    return Err(IonError::new(at, "an import has max_id twice"));
                }
                if let Event::Scalar(Scalar::Int(id)) = event {
                    max_id = id.as_u64().and_then(|id| usize::try_from(id).ok());
                }
            }
            _ => {}
        }
        if is_container {
            reader.skip_container()?;
        }
    }
    match (is_named, max_id) {
        (Some(true), Some(reserved)) => Ok(reserved),
        (Some(true), None) => Err(IonError::new(at, "an import of a table that is not at hand needs its max_id")),
        _ => Ok(0),
    }
}
