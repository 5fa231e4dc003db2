//! Symbol tables: the system's, and the local ones that a stream declares.

use std::sync::Arc;

use super::{Container, Event, IonError, ReadItems, Scalar};

/// The system symbols, from `$1` on.
const SYSTEM: [&str; 9] =
    ["$ion", VERSION_1_0, LOCAL_TABLE, "name", "version", "imports", "symbols", "max_id", "$ion_shared_symbol_table"];

/// The annotation that makes a struct a local symbol table.
pub(crate) const LOCAL_TABLE: &str = "$ion_symbol_table";
/// The version marker of Ion text. A symbol with this text that is not a marker means nothing at the top level.
pub(super) const VERSION_1_0: &str = "$ion_1_0";
/// Tables with more symbols than this are refused. Imported symbols are only counted and take no memory.
const MOST_SYMBOLS: usize = 1_000_000;
/// The maximum total length of their texts: the length of the longest value.
const MOST_SYMBOL_BYTES: usize = 32 << 20;
/// The most ids that imports may occupy, far below what an id can represent.
const MOST_IMPORTED: usize = 1 << 40;
/// How many symbols may be copied from table to table in one stream, in total.
const MOST_COPIES: u64 = 16_000_000;

/// The id of a system symbol.
pub(crate) fn system_id(text: &str) -> Option<usize> {
    SYSTEM.iter().position(|symbol| *symbol == text).map(|index| index + 1)
}

/// The texts of symbols, concatenated: a table may have a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Texts {
    all: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Whether the text of each is known.
    known: Vec<bool>,
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    fn get(&self, index: usize) -> Option<Option<&str>> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        Some(self.all.get(start..end).filter(|_| self.known.get(index) == Some(&true)))
    }

    fn push(&mut self, text: Option<&str>) {
        self.all.push_str(text.unwrap_or_default());
        self.ends.push(self.all.len());
        self.known.push(text.is_some());
    }

    fn append(&mut self, others: &Self) {
        let before = self.all.len();
        self.all.push_str(&others.all);
        self.ends.extend(others.ends.iter().map(|end| before + end));
        self.known.extend_from_slice(&others.known);
    }
}

/// The symbols in effect at a position in a stream, by id: the system's, then those of imported tables, whose texts are
/// not available, then those that the stream declares.
#[derive(Debug, Clone, Default)]
pub struct SymbolTable {
    imported: usize,
    local: Texts,
    /// The number of symbols that were copied to arrive at this table.
    copies: u64,
}

/// Tables are equal if their ids mean the same, regardless of how they came about.
impl PartialEq for SymbolTable {
    fn eq(&self, other: &Self) -> bool {
        self.imported == other.imported && self.local == other.local
    }
}

impl Eq for SymbolTable {}

impl SymbolTable {
    /// The text of a symbol id: `None` if the id is not in the table, `Some(None)` if its text is unknown.
    #[inline]
    pub fn resolve(&self, id: usize) -> Option<Option<&str>> {
        let first_local = self.imported + SYSTEM.len() + 1;
        match id.checked_sub(first_local) {
            Some(index) => self.local.get(index),
            None => Some(id.checked_sub(1).and_then(|index| SYSTEM.get(index)).copied()),
        }
    }

    /// Whether nothing was added to the system symbols.
    pub fn is_system(&self) -> bool {
        self.imported == 0 && self.local.len() == 0
    }

    /// Whether some symbols come from tables that are not available.
    pub fn has_imports(&self) -> bool {
        self.imported > 0
    }

    /// The symbols that the stream declares.
    pub(crate) fn local(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.local.len()).map(|index| self.local.get(index).flatten())
    }

    /// Adds a symbol and returns its id.
    pub(crate) fn push(&mut self, text: Option<&str>) -> usize {
        self.local.push(text);
        self.imported + SYSTEM.len() + self.local.len()
    }

    /// Applies a local symbol table: `reader` is after the beginning of its struct, and has the resulting table
    /// afterwards. Returns whether the table has the one form that QLDB writes: symbols, added to the last table or
    /// not.
    pub(super) fn update(reader: &mut impl ReadItems) -> Result<bool, IonError> {
        let at = reader.offset();
        let mut declared = Declared::default();
        declared.read(reader)?;
        let table = reader.symbols_mut();
        if !declared.appends {
            *table = Arc::default();
        }
        let is_shared = Arc::strong_count(table) > 1;
        let table = Arc::make_mut(table);
        table.copies += if is_shared { table.local.len() as u64 } else { 0 };
        if table.local.len() + declared.symbols.len() > MOST_SYMBOLS || table.copies > MOST_COPIES {
            return Err(IonError::new(
                at,
                format!("the symbol tables up to here have more than {MOST_SYMBOLS} symbols"),
            ));
        }
        if table.local.all.len() + declared.symbols.all.len() > MOST_SYMBOL_BYTES {
            let reason = format!("the symbols up to here are longer than {MOST_SYMBOL_BYTES} bytes");
            return Err(IonError::new(at, reason));
        }
        table.imported += declared.imported;
        table.local.append(&declared.symbols);
        Ok(!declared.is_strange)
    }
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
