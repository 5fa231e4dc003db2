//! Symbol tables: the system's symbols, and those that a stream has declared.

use std::sync::Arc;

use super::error::IonError;

/// The system symbols, from `$1` on.
const SYSTEM: [&str; 9] =
    ["$ion", VERSION_1_0, LOCAL_TABLE, "name", "version", "imports", "symbols", "max_id", "$ion_shared_symbol_table"];

/// The annotation that makes a struct a local symbol table.
pub(crate) const LOCAL_TABLE: &str = "$ion_symbol_table";
/// The version marker of Ion text. A symbol with this text that is not a marker means nothing at the top level.
pub(super) const VERSION_1_0: &str = "$ion_1_0";
/// Tables with more symbols than this are refused. Imported symbols are only counted and take no memory.
pub(super) const MOST_SYMBOLS: usize = 1_000_000;
/// The maximum total length of their texts: the length of the longest value.
const MOST_SYMBOL_BYTES: usize = 32 << 20;
/// How many symbols may be copied from table to table in one stream, in total.
const MOST_COPIES: u64 = 16_000_000;

/// The id of a system symbol.
pub(crate) fn system_id(text: &str) -> Option<usize> {
    SYSTEM.iter().position(|symbol| *symbol == text).map(|index| index + 1)
}

/// The texts of symbols, concatenated: a table may have a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Texts {
    all: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Whether the text of each is known.
    known: Vec<bool>,
}

impl Texts {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    fn get(&self, index: usize) -> Option<Option<&str>> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        Some(self.all.get(start..end).filter(|_| self.known.get(index) == Some(&true)))
    }

    pub(super) fn push(&mut self, text: Option<&str>) {
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

    /// Adds imported ids and symbols to a table that others may share. Fails, at `at`, if that is too much.
    pub(super) fn extend(table: &mut Arc<Self>, at: usize, imported: usize, symbols: &Texts) -> Result<(), IonError> {
        let is_shared = Arc::strong_count(table) > 1;
        let table = Arc::make_mut(table);
        table.copies += if is_shared { table.local.len() as u64 } else { 0 };
        if table.local.len() + symbols.len() > MOST_SYMBOLS || table.copies > MOST_COPIES {
            return Err(IonError::new(
                at,
                format!("the symbol tables up to here have more than {MOST_SYMBOLS} symbols"),
            ));
        }
        if table.local.all.len() + symbols.all.len() > MOST_SYMBOL_BYTES {
            let reason = format!("the symbols up to here are longer than {MOST_SYMBOL_BYTES} bytes");
            return Err(IonError::new(at, reason));
        }
        table.imported += imported;
        table.local.append(symbols);
        Ok(())
    }
}
